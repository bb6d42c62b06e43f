"""A residual network for the diagonal band of images."""

import keras
from keras import layers

from ecg_tf.errors import InputError
from ecg_tf.layers import DiagonalBand
from ecg_tf.models.residual import convolution, residual_stages

BAND = 64  # columns; 2.5 s in images of 256 × 256 pixels of 10 s


def band_resnet(
    input_shape: tuple[int, int, int] = (256, 256, 9),
    classes: int = 4,
    nb_filters: int = 64,
    dropout: float = 0.2,
) -> keras.Model:
    """Build a residual CNN on the band of the images along their diagonal.

    The band is 64 columns wide. In images of 256 × 256 pixels of 10 s, it relates each time of the
    ECG to the 2.5 s that follow, so that each beat is compared with its successors once. For ECGs
    of another length, choose the size of the images accordingly. The network is convolutional over
    time, because a shift in time does not change the diagnosis; lags are channels.

    Args:
        input_shape: (height, width, channel) of the images, float32 in [0, 1].
        classes: number of classes.
        nb_filters: number of filters f of the first stage; the others have 2f, 3f and 4f.
        dropout: share of the features dropped before the last layer.

    Returns:
        Model from images (batch, height, width, channel) to float32 logits (batch, class).

    Raises:
        InputError: the images are too small.

    See Also:
        `ecg_tf.layers.DiagonalBand`; `resnet1d`, the same stages on signals.

    References:
        K. He et al., Deep residual learning for image recognition, CVPR 2016,
        https://arxiv.org/abs/1512.03385

    Examples:
        >>> from ecg_tf.models import band_resnet
        >>> band_resnet(nb_filters=8).count_params()
        70788
    """
    size, _, channels = input_shape
    if size < BAND:
        raise InputError(f"band_resnet: images of {size}², expected {BAND} or more")
    image = keras.Input(input_shape, name="image")
    x = DiagonalBand(BAND, name="band")(image)
    x = layers.Reshape((size, BAND * channels))(x)
    x = layers.ReLU()(convolution(x, nb_filters, 7, "conv1", strides=2))
    x = residual_stages(x, nb_filters)
    x = layers.Identity(name="feature_map")(x)
    x = layers.GlobalAveragePooling1D()(x)
    x = layers.Dropout(dropout)(x)
    logits = layers.Dense(classes, dtype="float32", name="logits")(x)
    return keras.Model(image, logits, name="band_resnet")
