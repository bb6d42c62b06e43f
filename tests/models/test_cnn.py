"""VGG and the small CNN; their golden logits are in test_large_golden.py."""

import keras
import numpy as np
import pytest

from ecg_tf.errors import InputError
from ecg_tf.models import cnn, vgg

IMAGES = np.random.default_rng(0).random((2, 16, 16, 3), np.float32)


@pytest.mark.parametrize(("network", "smallest"), [(vgg, 8), (cnn, 12)])
def test_images_that_are_too_small_are_refused(network, smallest):
    assert network((smallest, smallest, 1), nb_filters=1).output_shape == (None, 4)
    words = f"{network.__name__}: images of 16 × {smallest - 1}, expected {smallest} or more"
    with pytest.raises(InputError, match=words):
        network((16, smallest - 1, 1))


def rates(network):
    return [round(x.rate, 3) for x in network.layers if hasattr(x, "rate")]


def test_dropout_is_that_of_the_study_by_default():
    assert rates(vgg((8, 8, 1))) == [0.3, 0.3, 0.3, 0.5, 0.5]
    assert rates(cnn((12, 12, 1))) == [0.3, 0.3]
    assert set(rates(vgg((8, 8, 1), dropout=0.0))) == {0}


def test_dropout_in_predictions_makes_them_random_and_is_kept_by_saving(tmp_path):
    network = vgg((16, 16, 3), nb_filters=1, dropout_in_predictions=True)
    for weight in network.trainable_weights:  # so that no ReLU is 0 for all images
        weight.assign(np.abs(weight))
    network.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    first, second = (loaded.predict(IMAGES, verbose=0) for _ in range(2))
    assert (first != second).any()

    default = vgg((16, 16, 3), nb_filters=1)
    default.set_weights([w.numpy() for w in network.weights if "seed" not in w.path])
    first, second = (default.predict(IMAGES, verbose=0) for _ in range(2))
    np.testing.assert_array_equal(first, second)
