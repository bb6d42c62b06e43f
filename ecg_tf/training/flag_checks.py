"""Checks of settings against each other and against the data."""

import keras

from ecg_tf.data.images.image_tree import is_image_tree
from ecg_tf.errors import InputError
from ecg_tf.preprocessing import SCALINGS


def check_image_flags(settings, input_kind):
    """Refuse settings of images by pyts if pyts computes no images."""
    backend = settings.image_backend
    if backend == "pyts" and input_kind == "ecg":
        raise InputError(
            f"image_backend pyts: {settings.model} computes its images itself, with keras"
        )
    computed_here = input_kind == "image" and not is_image_tree(settings.data)
    if computed_here and backend != "keras" and keras.backend.backend() != "tensorflow":
        raise InputError(
            "image_backend pyts: needs TensorFlow, but KERAS_BACKEND is "
            f"{keras.backend.backend()}; -image_backend keras computes the same images"
        )
    if settings.image_cache is not None and (input_kind != "image" or backend == "keras"):
        raise InputError(
            f"image_cache {settings.image_cache}: is for images by pyts, but here pyts computes "
            "none"
        )


def check_augmentation(settings, spec):
    """Refuse settings of training ECGs if images are already computed from them.

    Args:
        settings: `ecg_tf.training.settings.Settings`.
        spec: `ecg_tf.input_spec.InputSpec` of the network.
    """
    tree = is_image_tree(settings.data)
    if spec.kind == "image" and (tree or settings.image_backend != "keras"):
        only = {"augment": False, "window_seconds": None}
        if not tree:  # an image tree may have either scaling
            only["scaling"] = SCALINGS[0]
        for flag, expected in only.items():
            value = getattr(settings, flag)
            if value != expected:
                raise InputError(
                    f"{flag} {value}: needs prepared records and -image_backend keras; images in "
                    "files or by pyts are already computed"
                )
    if settings.window_seconds is not None:
        _check_window(settings, spec)


def check_frozen_body(settings, input_kind):
    """Refuse to train the head only if it cannot be trained alone."""
    if not settings.freeze_body:
        return
    if settings.initial_run is None:
        raise InputError(
            "freeze_body: a body of random weights would stay random; expected -initial_run"
        )
    if input_kind == "ecg":
        raise InputError(
            f"freeze_body: {settings.model} has two branches, expected a network of signals or of "
            "images; late_fusion and weighted_fusion freeze the backbones that come from runs"
        )
    for flag in ("statement_weight", "ema_momentum"):
        value = getattr(settings, flag)
        if value is not None:
            raise InputError(
                f"{flag} {value:g}: trains or averages the body, which -freeze_body "
                "keeps as it is; expected one of the two"
            )


def check_lengths(settings, spec):
    """Refuse windows that are longer than the ECGs."""
    for flag in ("window_seconds", "sliding_seconds"):
        value = getattr(settings, flag)
        if value is not None and value > spec.seconds:
            raise InputError(
                f"{flag} {value:g}: expected at most {spec.seconds:g}, the length of the ECGs of "
                f"{settings.data}"
            )


def _check_window(settings, spec):
    """Refuse windows that the network cannot be trained on."""
    seconds, size = settings.window_seconds, settings.image_size
    if spec.kind == "ecg":
        raise InputError(
            f"window_seconds {seconds:g}: {settings.model} has two branches; windows need a "
            "network of signals or of images"
        )
    if spec.kind == "image" and settings.scaling == SCALINGS[0]:
        raise InputError(
            f"window_seconds {seconds:g}: per-{SCALINGS[0]} scaling gives a window other images "
            f"than the whole record; use -scaling {SCALINGS[1]}"
        )
    if spec.kind == "image" and size * window_of(settings, spec).samples % spec.samples:
        raise InputError(
            f"window_seconds {seconds:g}: expected a whole number of pixels; the image_size of "
            f"{spec.seconds:g} s is {size}"
        )


def check_weights_fit(settings, network, kept):
    """Refuse a network whose weights depend on the length of the window.

    Args:
        settings: `ecg_tf.training.settings.Settings`.
        network: keras.Model for windows.
        kept: keras.Model for whole records.
    """
    if [weight.shape for weight in network.weights] != [weight.shape for weight in kept.weights]:
        raise InputError(
            f"window_seconds {settings.window_seconds:g}: the weights of {settings.model} depend "
            "on the size of its images; windows need a network for images of any size"
        )


def window_of(settings, spec):
    """The `InputSpec` of the windows that are trained on; `spec` itself for whole records."""
    if settings.window_seconds is None:
        return spec
    return spec.window(round(settings.window_seconds * spec.sampling_rate))
