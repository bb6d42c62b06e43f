"""A network that is not trained."""

import keras


@keras.saving.register_keras_serializable("ecg_tf")
class Frozen(keras.layers.Wrapper):
    """Wrap a layer so that it is not trained and always runs in inference mode.

    Dropout is off and batch statistics are fixed. `trainable = False` alone does not turn dropout
    off, and Keras overrides `backbone(x, training=False)` in a functional model during training.

    Args:
        layer: the layer or network.
        **kwargs: arguments of `keras.layers.Wrapper`.

    Examples:
        >>> from ecg_tf.models import gru
        >>> from ecg_tf.models.frozen import Frozen
        >>> Frozen(gru(hidden_size=4)).trainable_variables
        []
    """

    def __init__(self, layer: keras.Layer, **kwargs: object) -> None:
        # The layer casts its inputs.
        super().__init__(layer, **{"dtype": "float32", **kwargs})
        self.trainable = False

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return self.layer(x, training=False)
