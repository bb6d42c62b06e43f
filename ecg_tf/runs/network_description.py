"""Metadata of a network from the network itself, so that it can be built again."""

from ecg_tf.errors import InputError, quoted
from ecg_tf.leads import SAMPLING_RATE
from ecg_tf.models import MODELS
from ecg_tf.models.recurrent import RECURRENT_NAME
from ecg_tf.runs.run_metadata import Component

# {hyper-parameter that the shapes of weights depend on: (a layer, its setting of that value)}
_SIGNS = {
    "nb_filters": ("conv1", "filters"),
    "state_size": ("state_space1", "state_size"),
    "sliding_seconds": ("windows", "samples"),
    "softmax_over": ("attention1", "softmax_over"),
}
# {hyper-parameter that is true or false: the layer that a network has if it is true}
_MARKS = {"mix_time_and_leads": "mixed_signal", "dropout_in_predictions": "random_features"}


def describe_network(model, hyperparameters, network):
    """Describe a network, so that it can be built again.

    Args:
        model: name of the network.
        hyperparameters: {name: value} of those that are set.
        network: keras.Model.

    Returns:
        {"model", "hyperparameters"} and, for a network that takes the ecg, "backbones": fields of
        `ecg_tf.runs.run_metadata.RunMetadata`.
    """
    entry = MODELS[model]
    if entry.input_kind != "ecg":
        return {"model": model, "hyperparameters": hyperparameters}
    backbones, frozen = describe_backbones(network.get_config())
    if "frozen" in entry.hyperparameters:
        hyperparameters = {**hyperparameters, "frozen": frozen}
    return {"model": model, "hyperparameters": hyperparameters, "backbones": backbones}


def describe_backbones(config):
    """Find the backbones of a two-branch network, and which of them are frozen.

    Args:
        config: the dictionary that `get_config()` of the network returns, also if read from JSON.

    Returns:
        backbones: {"signal" or "image": `Component`}, with the hyper-parameters that its weights
            depend on.
        frozen: list of "signal", "image".

    Raises:
        InputError: no configuration of a network with two backbones.
    """
    backbones, frozen, sampling_rate = {}, [], SAMPLING_RATE
    try:
        for layer in config["layers"]:
            inner = layer["config"]
            if layer["class_name"] == "ECGFilter":  # it comes before the backbones
                sampling_rate = inner.get("sampling_rate", SAMPLING_RATE)
            is_frozen = layer["class_name"] == "Frozen"
            if is_frozen:
                inner = inner["layer"]["config"]
            elif layer["class_name"] != "Functional":
                continue
            name = inner["name"]
            branch = MODELS[name].input_kind
            backbones[branch] = Component(name, _hyperparameters(name, inner, sampling_rate))
            if is_frozen:
                frozen.append(branch)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        raise InputError(f"no network with two backbones: {quoted(str(error))}") from error
    if set(backbones) != {"signal", "image"}:
        raise InputError(f"backbones {', '.join(backbones) or 'none'}, expected signal and image")
    return backbones, sorted(frozen, reverse=True)


def _hyperparameters(name, config, sampling_rate):
    layers = {layer["config"]["name"]: layer["config"] for layer in config["layers"]}
    found = {}
    for key, (layer, setting) in _SIGNS.items():
        if key in MODELS[name].hyperparameters and layer in layers:
            found[key] = layers[layer][setting]
    for key, layer in _MARKS.items():
        if key in MODELS[name].hyperparameters:
            found[key] = layer in layers
    recurrent = [own for layer, own in layers.items() if RECURRENT_NAME.fullmatch(layer)]
    if "hidden_size" in MODELS[name].hyperparameters:
        own = recurrent[0]
        found["hidden_size"] = own["units"] if "units" in own else own["layer"]["config"]["units"]
    if "num_layers" in MODELS[name].hyperparameters:
        found["num_layers"] = len(recurrent)
    if "sliding_seconds" in found:
        found["sliding_seconds"] /= sampling_rate
    return found
