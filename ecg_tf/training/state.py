"""All that training needs to go on after an epoch as if it had never stopped, in one file."""

import json

import numpy as np
from keras import ops

from ecg_tf.errors import InputError
from ecg_tf.files import replaced_atomically


def save_state(run, model, history):
    """Write the state after an epoch, whole or not at all.

    The order of the records, the learning rate, the best epoch and the patience spent all follow
    from the history and the settings.

    Args:
        run: the `RunFolder`.
        model: the compiled keras.Model in training: weights, batch statistics, dropout's random
            numbers and the optimiser are saved.
        history: a list of {column: number}, one for each epoch.
    """
    arrays = {f"variable{k}": ops.convert_to_numpy(v) for k, v in enumerate(_variables(model))}
    with replaced_atomically(run.state_file, ".npz") as temporary:
        np.savez(temporary, history=json.dumps(history), **arrays)


def restore_state(run, model):
    """Put the saved state into the model, and return the history so far; [] if none was saved.

    Raises:
        InputError: a state that is damaged or of another network.
    """
    if not run.state_file.is_file():
        return []
    variables = _variables(model)
    try:
        with np.load(run.state_file) as saved:
            history = json.loads(str(saved["history"]))
            arrays = [saved[name] for name in saved.files if name != "history"]
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{run.state_file}: cannot be read: {error}") from error
    if [array.shape for array in arrays] != [tuple(v.shape) for v in variables]:
        raise InputError(f"{run.state_file}: of another network; -overwrite begins anew")
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
    return history


def _variables(model):
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    measured = {id(variable) for variable in model.metrics_variables}
    mine = [variable for variable in model.variables if id(variable) not in measured]
    return [*mine, *model.optimizer.variables]
