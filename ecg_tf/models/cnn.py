"""Small convolutional network for images."""

import keras
from keras import layers

from ecg_tf.errors import InputError

MIN_SIZE = 12  # pixels; smaller images have no pixel left after the poolings


def cnn(
    input_shape: tuple[int, int, int] = (256, 256, 9),
    classes: int = 4,
    nb_filters: int = 16,
    dropout: float = 0.3,
) -> keras.Model:
    """Build the small CNN of the study: three convolutions and three dense layers.

    Its first dense layer has nearly all of its 506 million parameters: 2 GB in float32, and three
    times as much while it is trained with Adam.

    Args:
        input_shape: (height, width, channel) of the images, float32 in [0, 1]; height and width at
            least 12 pixels.
        classes: number of classes.
        nb_filters: number of filters f of the first convolution; the others have 2f and 4f.
        dropout: share of the feature maps dropped after the last pooling, and of the values after
            the first dense layer.

    Returns:
        Model from images (batch, height, width, channel) to float32 logits (batch, class).

    Raises:
        InputError: the images are too small.

    References:
        H. Narotamo et al., Deep learning for ECG classification: A comparative study of 1D and 2D
        representations and multimodal fusion approaches, Biomedical Signal Processing and Control
        93 (2024) 106141, https://doi.org/10.1016/j.bspc.2024.106141

    Examples:
        >>> from ecg_tf.models import cnn
        >>> cnn((32, 32, 3), nb_filters=2).output_shape
        (None, 4)
    """
    if min(input_shape[:2]) < MIN_SIZE:
        raise InputError(
            f"cnn: images of {input_shape[0]} × {input_shape[1]}, expected {MIN_SIZE} or more"
        )
    x = image = keras.Input(input_shape, name="image")
    x = layers.Conv2D(nb_filters, 3, activation="relu", name="conv1")(x)
    x = layers.MaxPooling2D(4, 2)(x)
    x = layers.Conv2D(2 * nb_filters, 3, padding="same", activation="relu", name="conv2")(x)
    x = layers.Conv2D(4 * nb_filters, 3, padding="same", activation="relu", name="conv3")(x)
    x = layers.MaxPooling2D(4, 2)(x)
    x = layers.Identity(name="feature_map")(x)
    x = layers.SpatialDropout2D(dropout)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(2048, activation="relu", name="dense1")(x)
    x = layers.Dropout(dropout)(x)
    x = layers.Dense(1024, activation="relu", name="dense2")(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return keras.Model(image, logits, name="cnn")
