import keras
import numpy as np
import pytest

from ecg_tf.explain.projection import onto_time, samples_of


@pytest.mark.parametrize("size", [67, 256])
def test_pixels_show_the_samples_that_a_resize_puts_there(size):
    samples = np.arange(1000, dtype=np.float32)[:, None, None]  # each sample its own number
    shown = keras.ops.image.resize(samples, (size, 1), interpolation="bilinear", antialias=False)
    np.testing.assert_allclose(samples_of(range(size), size, 1000), np.ravel(shown), atol=1e-3)


def test_a_single_pixel_is_projected_onto_its_two_times():
    image = np.zeros((1, 50, 50))
    image[0, 10, 37] = 1
    found = onto_time(image, np.arange(50), samples=50)[0]
    assert np.flatnonzero(found).tolist() == [10, 37]
    assert found[10] == found[37] == 0.5 / 50


def test_a_pixel_on_the_diagonal_is_projected_onto_one_time():
    image = np.zeros((1, 50, 50))
    image[0, 10, 10] = 1
    found = onto_time(image, np.arange(50), samples=50)[0]
    assert np.flatnonzero(found).tolist() == [10]
    assert found[10] == 1 / 50


def test_an_even_image_gives_even_times():
    found = onto_time(np.full((2, 4, 4), 3.0), [100, 350, 600, 850], samples=1000)
    np.testing.assert_allclose(found, np.full((2, 1000), 3.0))


def test_values_between_cells_are_interpolated_linearly():
    image = np.zeros((1, 2, 2))
    image[0, 1, 1] = 2
    found = onto_time(image, [10, 30], samples=40)[0]
    np.testing.assert_allclose(found[[0, 10, 15, 20, 30, 39]], [0, 0, 0.25, 0.5, 1, 1])


def test_maps_with_rows_only_are_projected_row_by_row():
    found = onto_time(np.array([[0.0, 2.0]]), [10, 30], samples=40)[0]
    np.testing.assert_allclose(found[[0, 10, 20, 30, 39]], [0, 0, 1, 2, 2])
