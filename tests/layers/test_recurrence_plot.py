import keras
import numpy as np
import pytest
import reference

from ecg_tf.layers import RecurrencePlot


@pytest.mark.parametrize("size", [1, 7, 256, 999, 1000])
def test_is_the_resized_full_plot(scaled, size):
    images = keras.ops.convert_to_numpy(RecurrencePlot(size)(scaled[:1]))
    assert images.shape == (1, size, size, 3)
    assert images.dtype == np.float32
    np.testing.assert_allclose(images, reference.field("rp", scaled[:1], size), atol=1e-5)


def test_holds_the_distances_of_the_samples():
    x = np.array([0.0, 0.25, 1.0])[None, :, None]
    image = keras.ops.convert_to_numpy(RecurrencePlot(3)(x))[0, :, :, 0]
    np.testing.assert_allclose(image, [[0, 0.25, 1], [0.25, 0, 0.75], [1, 0.75, 0]])
