"""AlexNet with self-attention."""

import functools

import keras

from ecg_tf.models.alexnet import alexnet_with
from ecg_tf.models.self_attention import SelfAttention


def alexnet_attention(
    input_shape: tuple[int, int, int] = (256, 256, 9),
    classes: int = 4,
    nb_filters: int = 16,
    dropout: float = 0.0,
    softmax_over: str = "keys",
) -> keras.Model:
    """Build `alexnet` with self-attention after the first and the third convolution.

    The first attention relates each of 62 × 62 positions to all others. Training needs about 0.2 GB
    of memory per record of a batch.

    Args:
        input_shape: (height, width, channel) of the images, float32 in [0, 1]; height and width at
            least 67 pixels.
        classes: number of classes.
        nb_filters: number of filters f of the first convolution; the others have 2f, 4f, 8f and
            256.
        dropout: share of the feature maps dropped after each pooling.
        softmax_over: "keys", or "queries" as in the study's code: see
            `ecg_tf.models.self_attention.SelfAttention`.

    Returns:
        Model from images (batch, height, width, channel) to float32 logits (batch, class).

    Raises:
        InputError: the images are too small.

    References:
        H. Narotamo et al., Deep learning for ECG classification: A comparative study of 1D and 2D
        representations and multimodal fusion approaches, Biomedical Signal Processing and Control
        93 (2024) 106141, https://doi.org/10.1016/j.bspc.2024.106141
        H. Zhang et al., Self-attention generative adversarial networks, ICML 2019,
        https://arxiv.org/abs/1805.08318

    Examples:
        >>> from ecg_tf.models import alexnet_attention
        >>> alexnet_attention((96, 96, 3), nb_filters=2).output_shape
        (None, 4)
    """
    attention = functools.partial(SelfAttention, softmax_over)
    return alexnet_with(
        attention, input_shape, classes, nb_filters, dropout, name="alexnet_attention"
    )
