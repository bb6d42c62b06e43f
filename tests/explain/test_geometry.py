import keras
import numpy as np
import pytest
from keras import layers

from ecg_tf.explain.geometry import cell_centres
from ecg_tf.models import build


def network(*stack, size=64):
    image = keras.Input((size, size, 1))
    x = image
    for layer in stack:
        x = layer(x)
    return keras.Model(image, layers.Identity(name="feature_map")(x))


def test_a_pixel_is_its_own_centre():
    assert cell_centres(network(layers.Conv2D(1, 3, padding="same")), "feature_map") == [*range(64)]


def test_a_pooled_cell_is_in_the_middle_of_its_pixels():
    assert cell_centres(network(layers.MaxPooling2D(2)), "feature_map")[:2] == [0.5, 2.5]


@pytest.mark.parametrize(
    "stack",
    [
        [layers.Conv2D(1, 11, strides=4), layers.MaxPooling2D(3, 2), layers.Conv2D(1, 5)],
        [layers.ZeroPadding2D(3), layers.Conv2D(1, 7, strides=2), layers.MaxPooling2D(3, 2)],
        [layers.Conv2D(1, 3, strides=2, padding="same"), layers.AveragePooling2D(2)],
    ],
)
def test_receptive_fields_surround_their_centres(stack):
    toy = network(*[layer.from_config(layer.get_config()) for layer in stack])
    for weight in toy.weights:
        weight.assign(keras.ops.ones(weight.shape))
    toy = keras.Model(toy.input, toy.output)
    cell = toy.output_shape[1] // 2
    rows = []
    dark = np.asarray(toy(np.zeros((1, 64, 64, 1), np.float32)))
    for row in range(64):
        image = np.zeros((1, 64, 64, 1), np.float32)
        image[0, row] = 1
        if (np.asarray(toy(image)) != dark)[0, cell, cell, 0]:
            rows.append(row)
    assert np.mean(rows) == cell_centres(toy, "feature_map")[cell]


def test_centres_of_the_networks():
    alexnet = cell_centres(build("alexnet", (256, 256, 1), 4, nb_filters=1), "conv2")
    assert (alexnet[0], alexnet[1], len(alexnet)) == (9, 17, 30)
    resnet = cell_centres(build("resnet", (256, 256, 1), 4, nb_filters=1), "stage2_block4")
    assert (resnet[0], resnet[1], len(resnet)) == (0, 8, 32)
    band = cell_centres(build("band_resnet", (256, 256, 1), 4, nb_filters=1), "stage2_block2")
    assert (band[1] - band[0], len(band)) == (4, 64)
