"""A network that training leaves as it is."""

import keras


@keras.saving.register_keras_serializable("ecg_tf")
class Frozen(keras.layers.Wrapper):
    """`layer`, not trained and always as in inference: no dropout, batch statistics fixed.

    `trainable = False` alone leaves dropout on; `backbone(x, training=False)` in a functional model
    is
    overruled: in training Keras says `training=True` to every layer there that asks.
    """

    def __init__(self, layer, **kwargs):
        kwargs.setdefault("dtype", "float32")  # the layer casts its inputs itself
        super().__init__(layer, **kwargs)
        self.trainable = False

    def call(self, x):
        return self.layer(x, training=False)
