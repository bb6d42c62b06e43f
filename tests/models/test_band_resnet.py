import numpy as np
import pytest

from ecg_tf.errors import InputError
from ecg_tf.models import band_resnet


def test_has_the_resolutions_and_widths_of_its_stages():
    network = band_resnet((128, 128, 2), classes=3, nb_filters=4)
    lengths = [64, 32, 16, 8]
    for stage, length in enumerate(lengths, start=1):
        assert network.get_layer(f"stage{stage}_block2").output.shape == (None, length, 4 * stage)
    assert network.output_shape == (None, 3)


def test_depends_only_on_the_band_above_the_diagonal():
    network = band_resnet((80, 80, 1), nb_filters=2)
    image = np.random.default_rng(1).uniform(size=(1, 80, 80, 1)).astype(np.float32)
    rows, columns = np.indices((80, 80))
    lag = columns - rows
    outside, inside = image.copy(), image.copy()
    outside[0, (lag < 0) | (lag >= 64)] = 0
    inside[0, lag == 30] = 0
    before, without, changed = (np.asarray(network(x)) for x in (image, outside, inside))
    np.testing.assert_array_equal(without, before)
    assert (changed != before).any()


def test_images_smaller_than_the_band_are_refused():
    with pytest.raises(InputError, match=r"band_resnet: images of 63², expected 64 or more"):
        band_resnet((63, 63, 9))
