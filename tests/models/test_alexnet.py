import keras
import numpy as np
import pytest

from ecg_tf.errors import InputError
from ecg_tf.models import alexnet


@pytest.mark.parametrize(("nb_filters", "parameters"), [(8, 46_334_468), (16, 46_569_476)])
def test_has_the_parameters_of_the_study(nb_filters, parameters):
    assert alexnet(nb_filters=nb_filters).count_params() == parameters


def test_shapes_are_the_documented_ones():
    """The sizes of the original's table, channels last."""
    network = alexnet(nb_filters=16)
    found = [
        layer.output.shape[1:]
        for layer in network.layers
        if isinstance(layer, keras.layers.Conv2D | keras.layers.MaxPooling2D | keras.layers.Dense)
    ]
    assert found == [
        (62, 62, 16),
        (30, 30, 16),
        (30, 30, 32),
        (14, 14, 32),
        (14, 14, 64),
        (14, 14, 128),
        (14, 14, 256),
        (6, 6, 256),
        (4096,),
        (2048,),
        (4,),
    ]


def test_dropout_drops_whole_feature_maps():
    network = alexnet(nb_filters=8, dropout=0.5)
    first_dropout = next(
        layer for layer in network.layers if isinstance(layer, keras.layers.SpatialDropout2D)
    )
    maps = keras.Model(network.input, first_dropout.output)
    keras.utils.set_random_seed(0)
    images = np.random.default_rng(0).random((2, 256, 256, 9), np.float32)
    kept, dropped = np.asarray(maps(images)), np.asarray(maps(images, training=True))
    is_zero = (dropped == 0).all(axis=(1, 2))
    assert 0 < is_zero.sum() < is_zero.size
    expected = np.where(is_zero[:, None, None], 0, 2 * kept)
    np.testing.assert_allclose(dropped, expected, rtol=1e-6)


def test_logits_stay_float32_under_mixed_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = alexnet(input_shape=(67, 67, 3), nb_filters=2)
    finally:
        keras.config.set_dtype_policy("float32")
    assert network.get_layer("conv1").compute_dtype == "bfloat16"
    assert network.output.dtype == "float32"


def test_images_that_are_too_small_are_refused():
    assert alexnet(input_shape=(67, 67, 3), nb_filters=1).output_shape == (None, 4)
    with pytest.raises(InputError, match="images of 66 × 67, expected 67 or more"):
        alexnet(input_shape=(66, 67, 3))
