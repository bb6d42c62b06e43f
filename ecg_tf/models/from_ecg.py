"""A network with the front that turns a raw ECG into its input."""

import keras

from ecg_tf.layers import ECGImage, ECGSignal
from ecg_tf.leads import SAMPLES
from ecg_tf.method import SCALINGS


def front(takes, channels, image_size, scaling=SCALINGS[0]):
    """The layer that makes of the raw ecg what a network takes.

    Args:
        takes: "image", "signal", or "ecg": itself.
        channels: the images of each lead.
        image_size: height and width of the images.
        scaling: of images and signals, see `ecg_tf.method.SCALINGS`; a network that takes the ecg
            has its own.
    """
    if takes == "image":
        return ECGImage(channels, image_size, scaling)
    if takes == "signal":
        return ECGSignal(scaling)
    return keras.layers.Identity(dtype="float32")


def from_ecg(network, front, leads, augmentation=None, window=None):
    """`network` behind `front`, so that it takes the raw ECG.

    Args:
        network: keras.Model; its weights are shared, not copied.
        front: the layer that makes the network's input, such as `ecg_tf.layers.ECGImage()`.
        leads: number of leads.
        augmentation: for training: the layer before the front, an `ecg_tf.layers.Augmentation`.
        window: for training: the layer after it, an `ecg_tf.layers.RandomWindow`.

    Returns:
        keras.Model from ecg (batch, 1000, lead) millivolt, unfiltered, to the network's output.
    """
    ecg = keras.Input((SAMPLES, leads), name="ecg", dtype="float32")
    x = front(augmentation(ecg) if augmentation else ecg)
    x = network(window(x) if window else x)
    return keras.Model(ecg, x, name=f"{network.name}_from_ecg")
