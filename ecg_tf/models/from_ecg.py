"""Networks that take raw ECGs: a preprocessor and a network."""

import keras

from ecg_tf.input_spec import InputSpec
from ecg_tf.layers import (
    Augmentation,
    DiagonalBand,
    ECGFilter,
    ECGImage,
    ECGSignal,
    FieldImages,
    RandomWindow,
)
from ecg_tf.models.flow import flow


def preprocessor(spec: InputSpec, window: RandomWindow | None = None) -> keras.Layer:
    """Build the layer that converts raw ECGs to the input of a network.

    Args:
        spec: input of the network. For the kind "ecg", the layer changes nothing: the network has
            its own preprocessor.
        window: `ecg_tf.layers.RandomWindow` of `spec.samples` samples, for training: images and
            signals are limited to it.

    Returns:
        Layer from ECGs (batch, time, lead), millivolt, unfiltered, to the input of the network.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.input_spec import InputSpec
        >>> from ecg_tf.models import preprocessor
        >>> spec = InputSpec("image", leads=("I", "II"), channels=("rp",), image_size=64)
        >>> tuple(preprocessor(spec)(np.zeros((1, 1000, 2), "float32")).shape)
        (1, 64, 64, 2)
    """
    if spec.kind == "image":
        settings = spec.channels, spec.image_size, spec.scaling
        if window:
            return keras.Sequential([ECGFilter(spec.sampling_rate), window, FieldImages(*settings)])
        return ECGImage(*settings, spec.sampling_rate)
    if spec.kind == "signal":
        signal = ECGSignal(spec.scaling, spec.sampling_rate)
        return keras.Sequential([signal, window]) if window else signal
    return keras.layers.Identity(dtype="float32")


def from_ecg(
    network: keras.Model,
    preprocessor: keras.Layer,
    ecg_shape: tuple[int, int],
    augmentation: Augmentation | None = None,
) -> keras.Model:
    """Combine a preprocessor and a network into a network that takes raw ECGs.

    Of images of which the network uses a `DiagonalBand` only, the rest is not computed.

    Args:
        network: the network. Its weights are shared, not copied.
        preprocessor: layer that computes the input of the network, such as
            `ecg_tf.layers.ECGImage()`.
        ecg_shape: (time, lead) of an ECG: see `ecg_tf.input_spec.InputSpec.ecg_shape`.
        augmentation: `ecg_tf.layers.Augmentation` before the preprocessor, for training.

    Returns:
        Model from ECGs (batch, time, lead), millivolt, unfiltered, to the output of the network.

    Examples:
        >>> from ecg_tf.layers import ECGSignal
        >>> from ecg_tf.models import from_ecg, gru
        >>> from_ecg(gru(hidden_size=4), ECGSignal(), ecg_shape=(1000, 3)).output_shape
        (None, 4)
    """
    ecg = keras.Input(ecg_shape, name="ecg", dtype="float32")
    network, preprocessor = _on_band(network, preprocessor)
    x = network(preprocessor(augmentation(ecg) if augmentation else ecg))
    return keras.Model(ecg, x, name=f"{network.name}_from_ecg")


def _on_band(network: keras.Model, preprocessor: keras.Layer) -> tuple[keras.Model, keras.Layer]:
    """If a network takes a band of images only, the rest of it and a preprocessor to this band."""
    is_chain = isinstance(preprocessor, keras.Sequential)
    *others, images = preprocessor.layers if is_chain else [preprocessor]
    first = [
        step.operation
        for step in flow(network)
        if any(
            isinstance(before.operation, keras.layers.InputLayer) for before in step.parent_nodes
        )
    ]
    match images, first:
        case FieldImages(), [DiagonalBand() as band]:
            images = type(images).from_config({**images.get_config(), "band": band.width})
            rest = keras.Model(band.output, network.output, name=network.name)
            return rest, keras.Sequential([*others, images])
    return network, preprocessor
