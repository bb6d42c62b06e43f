"""The images of the study, from the filtered ECG, as one layer."""

import keras
from keras import ops

from ecg_tf.layers.gramian_angular_field import GramianAngularField
from ecg_tf.layers.markov_transition_field import MarkovTransitionField
from ecg_tf.layers.recurrence_plot import RecurrencePlot
from ecg_tf.layers.scaling import MinMax, Squash
from ecg_tf.layers.validity import valid_leads
from ecg_tf.preprocessing import CHANNELS, GREY_LEVELS, IMAGE_SIZE, SCALINGS, check_channels

_FIELDS = {"gaf": GramianAngularField, "mtf": MarkovTransitionField, "rp": RecurrencePlot}
_SCALES = dict(zip(SCALINGS, (MinMax, Squash), strict=True))


@keras.saving.register_keras_serializable("ecg_tf")
class FieldImages(keras.layers.Layer):
    """Filtered ECG to 8-bit images: scaled to [0, 1], then GAF, MTF and RP of every lead.

    Image channels are lead-major: I-GAF, I-MTF, I-RP, II-GAF, … Values are floor(255 v) / 255, the
    grey levels that an 8-bit file of the image would hold, so a network may be trained on either.
    A flat lead gives images of zeros.

    Input: (batch, time, lead), band-passed, as `ECGFilter` gives it.
    Output: (batch, size, size, lead * channel) float32 in [0, 1].

    Args:
        channels: which images, in which order: any of "gaf", "mtf", "rp".
        size: height and width of the images, at most `time`.
        scaling: "record" for `MinMax`, as in the study, "millivolt" for `Squash`.
        **kwargs: as for every Keras layer.
    """

    def __init__(self, channels=CHANNELS, size=IMAGE_SIZE, scaling=SCALINGS[0], **kwargs):
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)
        self.channels = check_channels(channels)
        self.size = size
        self.scaling = scaling
        self._scale = _SCALES[scaling]()
        self._fields = [_FIELDS[name](size) for name in self.channels]

    def build(self, input_shape):
        for field in self._fields:
            field.build(input_shape)

    def call(self, filtered):
        x = ops.transpose(self._scale(filtered), (0, 2, 1))
        valid = valid_leads(filtered)
        x = ops.where(valid[:, :, None], x, 0)
        grey = ops.where(valid, float(GREY_LEVELS), 0)[:, :, None, None]
        # A cast to integers takes the floor, and of a -1e-8 that rounding has left makes 0, not -1.
        levels = [ops.cast(field.fields(x) * grey, "uint8") for field in self._fields]
        levels = ops.stack(levels, axis=2)  # (batch, lead, channel, size, size)
        levels = ops.transpose(levels, (0, 3, 4, 1, 2))
        depth = filtered.shape[-1] * len(self.channels)
        levels = ops.reshape(levels, (-1, self.size, self.size, depth))
        return ops.cast(levels, "float32") / GREY_LEVELS

    def get_config(self):
        config = {"channels": list(self.channels), "size": self.size, "scaling": self.scaling}
        return {**super().get_config(), **config}
