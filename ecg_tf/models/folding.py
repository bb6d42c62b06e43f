"""Networks for inference: batch normalization as part of the convolutions."""

import keras
from keras import layers

from ecg_tf.layers import BatchNormalization
from ecg_tf.models.flow import backbone, flow


def fold_batch_normalization(network: keras.Model) -> None:
    """Fold each batch normalization into the convolution before it, also those of backbones.

    The network can only be used for inference afterwards. It then has the same outputs, to 1e-5 in
    float32, by fewer operations.

    Args:
        network: functional keras.Model, changed in place.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.models import fold_batch_normalization, resnet1d
        >>> network = resnet1d(nb_filters=4)
        >>> signal = np.random.default_rng(0).normal(size=(2, 1000, 3)).astype("float32")
        >>> before = np.asarray(network(signal))
        >>> fold_batch_normalization(network)
        >>> bool(np.allclose(network(signal), before, atol=1e-5))
        True
    """
    for step in flow(network):
        inner = backbone(step.operation)
        if inner is not None:
            fold_batch_normalization(inner)
        elif isinstance(step.operation, BatchNormalization):
            convolution = step.parent_nodes[0].operation
            if _can_take(convolution):
                step.operation.fold_into(convolution)


def _can_take(layer: object) -> bool:
    """Whether a batch normalization after this layer may be folded into it."""
    return (
        isinstance(layer, layers.Conv1D | layers.Conv2D)
        and layer.activation is keras.activations.linear
        and len(layer._outbound_nodes) == 1
    )
