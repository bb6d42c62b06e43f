"""A network with the front that turns a raw ECG into its input."""

import keras

from ecg_tf.layers import ECGImage, ECGSignal
from ecg_tf.leads import SAMPLES


def front(takes, channels, image_size):
    """The layer that makes of the raw ecg what a network takes.

    Args:
        takes: "image", "signal", or "ecg": itself.
        channels: the images of each lead.
        image_size: height and width of the images.
    """
    if takes == "image":
        return ECGImage(channels, image_size)
    return ECGSignal() if takes == "signal" else keras.layers.Identity(dtype="float32")


def from_ecg(network, front, leads):
    """`network` behind `front`, so that it takes the raw ECG.

    Args:
        network: keras.Model; its weights are shared, not copied.
        front: the layer that makes the network's input, such as `ecg_tf.layers.ECGImage()`.
        leads: number of leads.

    Returns:
        keras.Model from ecg (batch, 1000, lead) millivolt, unfiltered, to the network's output.
    """
    ecg = keras.Input((SAMPLES, leads), name="ecg", dtype="float32")
    return keras.Model(ecg, network(front(ecg)), name=f"{network.name}_from_ecg")
