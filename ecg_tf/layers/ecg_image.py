"""The images of the study, from the raw ECG, as one layer."""

import keras

from ecg_tf.layers.ecg_filter import ECGFilter
from ecg_tf.layers.field_images import FieldImages
from ecg_tf.preprocessing import CHANNELS, IMAGE_SIZE, SCALINGS


@keras.saving.register_keras_serializable("ecg_tf")
class ECGImage(keras.layers.Layer):
    """Raw ECG to 8-bit images: `ECGFilter`, then `FieldImages`.

    A lead that is flat or not finite gives images of zeros and leaves the others untouched.

    Input: (batch, time, lead) millivolt, unfiltered.
    Output: (batch, size, size, lead * channel) float32 in [0, 1].

    Args:
        channels: which images, in which order: any of "gaf", "mtf", "rp".
        size: height and width of the images, at most `time`.
        scaling: see `FieldImages`.
        **kwargs: as for every Keras layer.
    """

    def __init__(self, channels=CHANNELS, size=IMAGE_SIZE, scaling=SCALINGS[0], **kwargs):
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)
        self._filter = ECGFilter()
        self._images = FieldImages(channels, size, scaling)

    @property
    def channels(self):
        """The images made of each lead."""
        return self._images.channels

    @property
    def size(self):
        """Height and width of the images."""
        return self._images.size

    def build(self, input_shape):
        self._filter.build(input_shape)
        self._images.build(input_shape)

    def call(self, ecg):
        return self._images(self._filter(ecg))

    def get_config(self):
        config = {
            "channels": list(self.channels),
            "size": self.size,
            "scaling": self._images.scaling,
        }
        return {**super().get_config(), **config}
