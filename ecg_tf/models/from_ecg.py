"""A network with the preprocessor that turns a raw ECG into its input."""

import keras

from ecg_tf.layers import ECGFilter, ECGImage, ECGSignal, FieldImages


def preprocessor(spec, window=None):
    """The layer that makes a network's input from the raw ECG.

    Args:
        spec: `ecg_tf.input_spec.InputSpec` of the network. For kind "ecg" the layer changes
            nothing: the network has its own preprocessor.
        window: for training, an `ecg_tf.layers.RandomWindow` of `spec.samples` samples, so that
            the input shows that part of the ECG only.
    """
    if spec.kind == "image":
        settings = spec.channels, spec.image_size, spec.scaling
        if window:
            return keras.Sequential([ECGFilter(), window, FieldImages(*settings)])
        return ECGImage(*settings)
    if spec.kind == "signal":
        signal = ECGSignal(spec.scaling)
        return keras.Sequential([signal, window]) if window else signal
    return keras.layers.Identity(dtype="float32")


def from_ecg(network, preprocessor, ecg_shape, augmentation=None):
    """`network` behind `preprocessor`, so that it takes the raw ECG.

    Args:
        network: keras.Model; its weights are shared, not copied.
        preprocessor: the layer that makes the network's input, such as `ecg_tf.layers.ECGImage()`.
        ecg_shape: (time, lead) of an ECG, see `ecg_tf.input_spec.InputSpec.ecg_shape`.
        augmentation: for training: the layer before the preprocessor, an
            `ecg_tf.layers.Augmentation`.

    Returns:
        keras.Model from ecg (batch, time, lead) millivolt, unfiltered, to the network's output.
    """
    ecg = keras.Input(ecg_shape, name="ecg", dtype="float32")
    x = network(preprocessor(augmentation(ecg) if augmentation else ecg))
    return keras.Model(ecg, x, name=f"{network.name}_from_ecg")
