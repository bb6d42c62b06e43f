import golden_networks
import keras
import numpy as np

from ecg_tf.input_spec import InputSpec
from ecg_tf.layers import RandomWindow
from ecg_tf.models import preprocessor


class Middle(RandomWindow):
    """The middle half of the record, in place of a random window."""

    def call(self, x):
        return x[:, 250:750]


def test_inputs_of_windows_agree_with_those_of_whole_records():
    ecg = golden_networks.inputs()["ecg"][:3]
    for scaling in ("record", "millivolt"):
        whole, part = (
            preprocessor(InputSpec("signal", scaling=scaling), window)(ecg)
            for window in (None, Middle(500))
        )
        np.testing.assert_array_equal(part, whole[:, 250:750])
    spec = InputSpec("image", channels=("gaf", "rp"), image_size=256, scaling="millivolt")
    whole, part = (
        keras.ops.convert_to_numpy(preprocessor(spec, window)(ecg))
        for spec, window in ((spec, None), (spec.window(500), Middle(500)))
    )
    # At its ends the window has no neighbours to mix a pixel of.
    inside = slice(1, -1)
    expected = whole[:, 64:192, 64:192][:, inside, inside]
    np.testing.assert_allclose(part[:, inside, inside], expected, atol=1.01 / 255)
