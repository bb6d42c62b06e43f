import golden_networks
import keras
import numpy as np
import pytest

from ecg_tf.input_spec import InputSpec
from ecg_tf.layers import DiagonalBand, ECGImage, RandomWindow
from ecg_tf.models import band_resnet, from_ecg, preprocessor


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


@pytest.mark.parametrize("window", [None, Middle(500)])
def test_network_of_the_band_has_the_logits_of_whole_images(window):
    ecg = golden_networks.inputs()["ecg"][:2]
    spec = InputSpec("image", channels=("gaf", "rp"), image_size=160)
    spec = spec.window(500) if window else spec
    network, images = band_resnet(spec.shape, nb_filters=2), preprocessor(spec, window)
    combined = from_ecg(network, images, (1000, 3))
    assert [layer.output.shape for layer in combined.layers[1:-1]] == [(None, spec.shape[0], 64, 6)]
    np.testing.assert_allclose(combined(ecg), network(images(ecg)), atol=1e-5)
    for ours, its in zip(combined.trainable_variables, network.trainable_variables, strict=True):
        assert ours is its


def test_other_uses_of_the_images_need_them_whole():
    image = keras.Input((96, 96, 6))
    band = DiagonalBand(8)(image)
    logits = [keras.layers.GlobalAveragePooling2D()(x) for x in (image, band)]
    combined = from_ecg(keras.Model(image, logits), ECGImage(("gaf", "rp"), 96), (1000, 3))
    assert combined.layers[1].output.shape == (None, 96, 96, 6)
