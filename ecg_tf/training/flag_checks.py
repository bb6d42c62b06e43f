"""Checks of a run's flags against each other and the data."""

import keras

from ecg_tf.data.images.image_tree import is_image_tree
from ecg_tf.errors import InputError
from ecg_tf.leads import SAMPLES, SAMPLING_RATE
from ecg_tf.preprocessing import SCALINGS


def check_image_flags(settings, input_kind):
    """An InputError for flags on images that pyts makes, where it makes none."""
    backend = settings.image_backend
    if backend == "pyts" and input_kind == "ecg":
        raise InputError(
            f"image_backend pyts: {settings.model} makes its images itself, by the keras backend"
        )
    made_here = input_kind == "image" and not is_image_tree(settings.data)
    if made_here and backend != "keras" and keras.backend.backend() != "tensorflow":
        raise InputError(
            "image_backend pyts: it belongs to TensorFlow's input pipeline, and Keras runs on "
            f"{keras.backend.backend()}; -image_backend keras makes the same images"
        )
    if settings.image_cache is not None and (input_kind != "image" or backend == "keras"):
        raise InputError(
            f"image_cache {settings.image_cache}: it keeps what pyts makes, and here "
            "pyts makes no images"
        )


def check_augmentation(settings, input_kind):
    """An InputError for flags on the training ecgs that cannot have an effect."""
    tree = is_image_tree(settings.data)
    if input_kind == "image" and (tree or settings.image_backend != "keras"):
        usual = {"augment": False, "window_seconds": None}
        if not tree:  # which says what scaling it has
            usual["scaling"] = SCALINGS[0]
        for flag, expected in usual.items():
            value = getattr(settings, flag)
            if value != expected:
                raise InputError(
                    f"{flag} {value}: expected prepared records and image_backend keras; images "
                    "in files or by pyts are made already"
                )
    if settings.window_seconds is not None:
        _check_window(settings, input_kind)


def _check_window(settings, input_kind):
    """An InputError for a window that training cannot look through."""
    seconds, size = settings.window_seconds, settings.image_size
    if input_kind == "ecg":
        raise InputError(
            f"window_seconds {seconds:g}: {settings.model} has two branches; only networks of "
            "signals or of images train on windows"
        )
    if input_kind == "image" and settings.scaling == SCALINGS[0]:
        raise InputError(
            f"window_seconds {seconds:g}: expected scaling {SCALINGS[1]}; under {SCALINGS[0]} a "
            "window's images are not what the whole record's show of it"
        )
    if input_kind == "image" and size * samples_of(settings) % SAMPLES:
        raise InputError(
            f"window_seconds {seconds:g}: expected whole pixels, where {SAMPLES / SAMPLING_RATE:g} "
            f"s have {size}"
        )


def check_weights_fit(settings, network, kept):
    """An InputError if what a network of windows has learnt is of no use for whole records."""
    if [weight.shape for weight in network.weights] != [weight.shape for weight in kept.weights]:
        raise InputError(
            f"window_seconds {settings.window_seconds:g}: {settings.model} has as many weights as "
            "its image has pixels; only a network that takes images of every size trains on windows"
        )


def samples_of(settings):
    """Length of what is trained on."""
    seconds = settings.window_seconds
    return SAMPLES if seconds is None else round(seconds * SAMPLING_RATE)
