"""VGG for images: its first three stages."""

import functools

import keras
from keras import layers

from ecg_tf.errors import InputError

MIN_SIZE = 8  # pixels; smaller images have no pixel left after the three poolings


@keras.saving.register_keras_serializable("ecg_tf")
class DropoutInEveryMode(layers.Dropout):
    """Dropout that also acts in predictions, which are random then."""

    def call(self, inputs: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        return super().call(inputs, training=True)


def vgg(
    input_shape: tuple[int, int, int] = (256, 256, 9),
    classes: int = 4,
    nb_filters: int = 16,
    dropout: float = 0.5,
    dropout_in_predictions: bool = False,
) -> keras.Model:
    """Build the VGG of the study: seven convolutions in three stages, and three dense layers.

    For images of 256 × 256 its first two dense layers have nearly all of its 285 million
    parameters: 1.1 GB in float32, and three times as much while it is trained with Adam.

    Args:
        input_shape: (height, width, channel) of the images, float32 in [0, 1]; height and width at
            least 8 pixels.
        classes: number of classes.
        nb_filters: number of filters f of the first convolution and of its stage; the other
            stages have 2f and 4f.
        dropout: share of the values dropped after the first two dense layers; 0.6 times as many are
            dropped at three places among the convolutions.
        dropout_in_predictions: True to drop values in predictions, too, as the study's code does.
            Predictions are then random.

    Returns:
        Model from images (batch, height, width, channel) to float32 logits (batch, class).

    Raises:
        InputError: the images are too small.

    References:
        H. Narotamo et al., Deep learning for ECG classification: A comparative study of 1D and 2D
        representations and multimodal fusion approaches, Biomedical Signal Processing and Control
        93 (2024) 106141, https://doi.org/10.1016/j.bspc.2024.106141
        K. Simonyan, A. Zisserman, Very deep convolutional networks for large-scale image
        recognition, ICLR 2015, https://arxiv.org/abs/1409.1556

    Examples:
        >>> from ecg_tf.models import vgg
        >>> vgg((16, 16, 3), nb_filters=2).output_shape
        (None, 4)
    """
    if min(input_shape[:2]) < MIN_SIZE:
        raise InputError(
            f"vgg: images of {input_shape[0]} × {input_shape[1]}, expected {MIN_SIZE} or more"
        )
    conv = functools.partial(layers.Conv2D, kernel_size=3, padding="same", activation="relu")
    drop = DropoutInEveryMode if dropout_in_predictions else layers.Dropout
    name = "random_features" if dropout_in_predictions else "features"
    x = image = keras.Input(input_shape, name="image")
    x = conv(nb_filters, name="conv1")(x)
    x = conv(nb_filters, name="conv2")(x)
    x = layers.MaxPooling2D(2)(x)
    x = conv(2 * nb_filters, name="conv3")(x)
    x = conv(2 * nb_filters, name="conv4")(x)
    x = drop(0.6 * dropout)(x)
    x = layers.MaxPooling2D(2)(x)
    x = drop(0.6 * dropout)(x)
    x = conv(4 * nb_filters, name="conv5")(x)
    x = conv(4 * nb_filters, name="conv6")(x)
    x = conv(4 * nb_filters, name="conv7")(x)
    x = drop(0.6 * dropout, name=name)(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Identity(name="feature_map")(x)
    x = layers.Flatten()(x)
    x = layers.Dense(4096, activation="relu", name="dense1")(x)
    x = drop(dropout)(x)
    x = layers.Dense(4096, activation="relu", name="dense2")(x)
    x = drop(dropout)(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return keras.Model(image, logits, name="vgg")
