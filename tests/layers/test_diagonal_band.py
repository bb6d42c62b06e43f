import keras
import numpy as np
import pytest

from ecg_tf.layers import DiagonalBand


@pytest.mark.parametrize(("size", "width"), [(12, 5), (7, 7), (5, 1)])
def test_columns_are_the_diagonals_of_the_image(size, width):
    image = np.random.default_rng(1).normal(size=(2, size, size, 3)).astype(np.float32)
    band = keras.ops.convert_to_numpy(DiagonalBand(width)(image))
    assert band.shape == (2, size, width, 3)
    for lag in range(width):
        diagonal = np.diagonal(image, lag, axis1=1, axis2=2).transpose(0, 2, 1)
        np.testing.assert_array_equal(band[:, : size - lag, lag], diagonal)
        assert not band[:, size - lag :, lag].any()


def test_mixed_precision_casts_the_band():
    image = np.random.default_rng(1).uniform(size=(1, 6, 6, 2)).astype(np.float32)
    band = DiagonalBand(3, dtype="mixed_bfloat16")(image)
    expected = keras.ops.cast(DiagonalBand(3)(image), "bfloat16")
    assert keras.backend.standardize_dtype(band.dtype) == "bfloat16"
    np.testing.assert_array_equal(*(keras.ops.cast(x, "float32") for x in (band, expected)))
