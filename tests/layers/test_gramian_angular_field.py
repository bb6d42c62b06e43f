import keras
import numpy as np
import pytest
import reference

from ecg_tf.layers import GramianAngularField


@pytest.mark.parametrize("size", [1, 7, 256, 999, 1000])
def test_is_the_resized_full_field(scaled, size):
    images = keras.ops.convert_to_numpy(GramianAngularField(size)(scaled[:1]))
    assert images.shape == (1, size, size, 3)
    assert images.dtype == np.float32
    np.testing.assert_allclose(images, reference.field("gaf", scaled[:1], size), atol=1e-5)


def test_holds_the_cosine_of_the_sum_of_angles():
    x = np.array([0.0, 0.5, 1.0])[None, :, None]  # cos 180°, 90°, 0°
    image = keras.ops.convert_to_numpy(GramianAngularField(3)(x))[0, :, :, 0]
    np.testing.assert_allclose(image, [[1, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 1]], atol=1e-6)
