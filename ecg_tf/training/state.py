"""The state of training after an epoch, in one file, from which training resumes exactly."""

import contextlib
import json
import zipfile

import numpy as np
from keras import ops

from ecg_tf.errors import InputError, quoted
from ecg_tf.files import replaced_atomically
from ecg_tf.runs.history_file import check_history
from ecg_tf.training.process_group import OneProcess

_ALONE = OneProcess()
_MOST_HISTORY = 2**24  # bytes


def save_state(run, model, history):
    """Write the state after an epoch atomically.

    The order of the records, the learning rate, the best epoch and the remaining patience are not
    saved: they follow from the history and the settings.

    Args:
        run: the `RunFolder`.
        model: the compiled keras.Model in training; its weights, batch statistics, random number
            generators and optimizer are saved.
        history: list of the completed epochs, {column: number} each.
    """
    arrays = {f"variable{k}": ops.convert_to_numpy(v) for k, v in enumerate(_variables(model))}
    with replaced_atomically(run.state_file, ".npz") as temporary:
        np.savez(temporary, history=json.dumps(history), **arrays)


def restore_state(run, model, processes=_ALONE):
    """Restore the saved state into the model.

    Args:
        run: the `RunFolder`.
        model: the compiled keras.Model, changed in place.
        processes: the processes that train it together, each of which calls this function.
            Process 0 alone reads the state.

    Returns:
        The history: list of the completed epochs, {column: number} each; empty if no state is
        saved.

    Raises:
        InputError: a damaged state, or that of another network; the model is then unchanged.
    """
    resumes = processes.number == 0 and _is_there(run.state_file)
    if processes.count == 1 and not resumes:
        return []
    variables = _variables(model)
    if resumes:
        history, arrays = _read_state(run.state_file, variables)
    else:
        history, arrays = [], [ops.convert_to_numpy(variable) for variable in variables]
    for variable, array in zip(variables, processes.arrays_of_first(arrays), strict=True):
        variable.assign(array)
    return processes.of_first(history)


def _is_there(path):
    if path.is_file():
        return True
    if path.is_symlink() or path.exists():
        raise InputError(f"{path}: not a regular file; use -overwrite to start again")
    return False


def _read_state(path, variables):
    with _refusing_damage(path), zipfile.ZipFile(path) as archive:
        members = sorted(info.filename for info in archive.infolist())
        if members != sorted(["history.npy", *(f"variable{k}.npy" for k in range(len(variables)))]):
            raise InputError(f"{path}: of another network; use -overwrite to start again")
        history = _history(archive, path)
        arrays = [_array(archive, k, variable, path) for k, variable in enumerate(variables)]
    return history, arrays


@contextlib.contextmanager
def _refusing_damage(path):
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # zipfile and numpy raise many kinds of errors
        reason = quoted(f"{type(error).__name__}: {error}", 100)
        raise InputError(
            f"{path}: cannot be read: {reason}; use -overwrite to start again"
        ) from error


def _history(archive, path):
    if archive.getinfo("history.npy").file_size > _MOST_HISTORY:
        raise InputError(f"{path}: history: larger than {_MOST_HISTORY} bytes")
    shape, dtype, _, content = _read(archive, "history.npy")
    if shape != () or dtype.kind != "U":
        raise InputError(f"{path}: history is {quoted(f'{shape} {dtype}')}, expected text")
    text = np.frombuffer(content, dtype, count=1)[0]
    history = json.loads(str(text))
    if not isinstance(history, list) or not all(isinstance(row, dict) for row in history):
        raise InputError(f"{path}: history {quoted(str(history))}, expected a list of epochs")
    for row in history:
        for column, value in row.items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise InputError(f"{path}: history: {quoted(column)} {quoted(str(value))}")
    check_history(history, (), path)
    return history


def _array(archive, number, variable, path):
    """The array of a variable, checked for its shape, dtype and finite values."""
    name = f"variable{number}.npy"
    expected = tuple(variable.shape), np.dtype(variable.dtype)
    size = expected[1].itemsize * int(np.prod(expected[0], dtype=np.int64))
    if archive.getinfo(name).file_size > size + 2**16:  # 64 kB for the header
        raise InputError(f"{path}: {name}: of another network; use -overwrite to start again")
    *found, order, content = _read(archive, name)
    if tuple(found) != expected:
        raise InputError(
            f"{path}: {name}: {quoted(f'{found[0]} {found[1]}', 60)}, expected {expected[0]} "
            f"{expected[1]}: of another network; use -overwrite to start again"
        )
    array = np.frombuffer(content, expected[1], count=size // expected[1].itemsize)
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise InputError(f"{path}: {name}: contains numbers that are not finite")
    return array.reshape(expected[0], order=order)


def _read(archive, name):
    """Read an array of the archive without trusting its header.

    `numpy.load` would allocate memory for as many numbers as the header claims.

    Returns:
        (shape, dtype, order, bytes): the header's entries, and the content as it is.
    """
    with archive.open(name) as file:
        version = np.lib.format.read_magic(file)
        read_header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, is_fortran, dtype = read_header(file)
        return shape, dtype, "F" if is_fortran else "C", file.read()


def _variables(model):
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    metrics = {id(variable) for variable in model.metrics_variables}
    variables = [variable for variable in model.variables if id(variable) not in metrics]
    return [*variables, *model.optimizer.variables]
