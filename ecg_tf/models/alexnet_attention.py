"""AlexNet with self-attention."""

import functools

from ecg_tf.models.alexnet import alexnet_with
from ecg_tf.models.self_attention import SelfAttention


def alexnet_attention(
    input_shape=(256, 256, 9), classes=4, nb_filters=16, dropout=0.0, softmax_over="keys"
):
    """`alexnet` with a `SelfAttention` after the first and the third convolution.

    The first looks from each of 62 × 62 positions at all others: in training, count on 0.2 GB of
    memory per record of a batch.

    >>> alexnet_attention(nb_filters=8).count_params()
    46335880

    Args:
        input_shape: (height, width, channel) of the images, which are float32 in [0, 1]; height and
            width at least 67.
        classes: number of classes.
        nb_filters: filters of the first convolution, f; the next have 2f, 4f, 8f and 256.
        dropout: share of the feature maps dropped, each as a whole, after every pooling.
        softmax_over: "keys", or "queries" as in the study's code: see `SelfAttention`.

    Returns:
        keras.Model from images to float32 logits (batch, class).

    Raises:
        InputError: images that are too small.
    """
    attention = functools.partial(SelfAttention, softmax_over)
    return alexnet_with(
        attention, input_shape, classes, nb_filters, dropout, name="alexnet_attention"
    )
