"""A network with the preprocessor that turns a raw ECG into its input."""

import keras

from ecg_tf.layers import ECGFilter, ECGImage, ECGSignal, FieldImages
from ecg_tf.leads import SAMPLES
from ecg_tf.preprocessing import SCALINGS


def preprocessor(input_kind, channels, image_size, scaling=SCALINGS[0], window=None):
    """The layer that makes of the raw ecg what a network takes.

    Args:
        input_kind: "image", "signal", or "ecg": itself.
        channels: the images of each lead.
        image_size: height and width of the images.
        scaling: of images and signals, see `ecg_tf.preprocessing.SCALINGS`; a network that takes
            the ecg has its own.
        window: for training: an `ecg_tf.layers.RandomWindow`, all that images and signals show.
    """
    if input_kind == "image":
        if window:
            return keras.Sequential(
                [ECGFilter(), window, FieldImages(channels, image_size, scaling)]
            )
        return ECGImage(channels, image_size, scaling)
    if input_kind == "signal":
        return keras.Sequential([ECGSignal(scaling), window]) if window else ECGSignal(scaling)
    return keras.layers.Identity(dtype="float32")


def from_ecg(network, preprocessor, leads, augmentation=None):
    """`network` behind `preprocessor`, so that it takes the raw ECG.

    Args:
        network: keras.Model; its weights are shared, not copied.
        preprocessor: the layer that makes the network's input, such as `ecg_tf.layers.ECGImage()`.
        leads: number of leads.
        augmentation: for training: the layer before the preprocessor, an
            `ecg_tf.layers.Augmentation`.

    Returns:
        keras.Model from ecg (batch, 1000, lead) millivolt, unfiltered, to the network's output.
    """
    ecg = keras.Input((SAMPLES, leads), name="ecg", dtype="float32")
    x = network(preprocessor(augmentation(ecg) if augmentation else ecg))
    return keras.Model(ecg, x, name=f"{network.name}_from_ecg")
