"""Base of the layers that compute in float32 under every dtype policy."""

import keras


class Float32Layer(keras.layers.Layer):
    """A layer that computes in float32, unless it is given another dtype.

    Filters and images need more than the precision of float16 and bfloat16, so Keras' global dtype
    policy (`keras.config.set_dtype_policy`) does not apply.

    Args:
        **kwargs: arguments of `keras.layers.Layer`.
    """

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
