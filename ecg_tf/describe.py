"""A network by its name, for looking at: built as training would, its weights untrained."""

from ecg_tf.data.labels import CLASSES
from ecg_tf.errors import InputError
from ecg_tf.leads import DEFAULT_LEADS, SAMPLES, lead_indices
from ecg_tf.method import CHANNELS, IMAGE_SIZE, check_channels
from ecg_tf.models import build, find

SIGNAL_MODEL, IMAGE_MODEL = "bigru", "alexnet"  # the trunks of a two-branch network


def fresh_network(
    model,
    leads=DEFAULT_LEADS,
    channels=CHANNELS,
    image_size=IMAGE_SIZE,
    signal_model=None,
    image_model=None,
    nb_filters=None,
    hidden_size=None,
    num_layers=None,
):
    """Build a network for a choice of leads and images, a two-branch network with fresh trunks.

    Args:
        model: its name, one of `ecg_tf.models.MODELS`.
        leads: the leads it looks at.
        channels: the images of each lead.
        image_size: height and width of the images.
        signal_model: name of the signal trunk, of a two-branch network only; None for bigru.
        image_model: name of the image trunk, likewise; None for alexnet.
        nb_filters: of the network, or of the image trunk; None for the default.
        hidden_size: of the network, or of the signal trunk; None for the default.
        num_layers: likewise.

    Returns:
        keras.Model to logits.

    Raises:
        InputError: an unknown network, or what it does not have.
    """
    takes, channels = find(model).takes, check_channels(channels)
    depth = len(lead_indices(leads))
    shapes = {
        "signal": (SAMPLES, depth),
        "image": (image_size, image_size, depth * len(channels)),
    }
    convolutional = {"nb_filters": nb_filters}
    recurrent = {"hidden_size": hidden_size, "num_layers": num_layers}
    if takes != "ecg":
        if signal_model or image_model:
            raise InputError(f"{model} has no trunks, so no signal_model or image_model")
        return build(model, shapes[takes], len(CLASSES), **convolutional, **recurrent)

    def trunk(name, kind, hyperparameters):
        if find(name).takes != kind:
            raise InputError(f"{kind}_model {name!r}: expected a network that takes {kind}s")
        return build(name, shapes[kind], len(CLASSES), **hyperparameters)

    signal = trunk(signal_model or SIGNAL_MODEL, "signal", recurrent)
    image = trunk(image_model or IMAGE_MODEL, "image", convolutional)
    return build(model, signal=signal, image=image, channels=channels)
