import keras
import numpy as np
import pytest
import reference

from ecg_tf.layers import MarkovTransitionField


def field(x):
    """The full-size image of one lead."""
    x = np.array(x, np.float32)[None, :, None]
    return keras.ops.convert_to_numpy(MarkovTransitionField(x.shape[1])(x))[0, :, :, 0]


@pytest.mark.parametrize("size", [1, 7, 256, 999, 1000])
def test_is_the_resized_full_field(scaled, size):
    images = keras.ops.convert_to_numpy(MarkovTransitionField(size)(scaled[:1]))
    assert images.shape == (1, size, size, 3)
    assert images.dtype == np.float32
    np.testing.assert_allclose(images, reference.field("mtf", scaled[:1], size), atol=1e-5)


def test_holds_a_fifth_of_the_transition_probabilities():
    # Bins 0, 9, 0, 0, 9: out of bin 0 once to 0 and twice to 9, out of bin 9 once to 0.
    image = field([0.05, 0.95, 0.05, 0.05, 0.95])
    np.testing.assert_allclose(image[0] * 5, [1 / 3, 2 / 3, 1 / 3, 1 / 3, 2 / 3], atol=1e-5)
    np.testing.assert_allclose(image[1] * 5, [1, 0, 1, 1, 0], atol=1e-5)


def test_row_never_left_is_zero():
    image = field([0.05, 0.05, 0.95])  # the only sample of bin 9 is the last
    np.testing.assert_allclose(image[2], 0)


def test_sample_on_an_edge_is_in_the_lower_bin():
    # In the lower bin 4 the sample is alone; with 0.55 in bin 5, a transition 5 to 5 would be seen.
    image = field([0.5, 0.55, 0.5, 0.55])
    np.testing.assert_allclose(image[0] * 5, [0, 1, 0, 1], atol=1e-5)


@pytest.mark.parametrize("left", [1, 3, 17, 51])
def test_probabilities_on_grey_levels_round_as_in_float64(left):
    for times in range(1, left + 1):
        # `times` transitions 0 to 9, each followed by one back, and the others 0 to 0.
        x = [0.05, 0.95] * times + [0.05] * (left - times + 1)
        expected = np.floor(255 * reference.mtf(np.array(x)))
        np.testing.assert_array_equal(np.floor(255 * field(x)), expected)
