"""A batch normalization layer, faster than Keras' on CPUs and on several devices."""

import keras
import numpy as np
from keras import layers, ops


@keras.saving.register_keras_serializable("ecg_tf")
class BatchNormalization(layers.BatchNormalization):
    """`keras.layers.BatchNormalization` with faster implementations.

    Arguments and weights are those of `keras.layers.BatchNormalization`; outputs agree to 1e-5 in
    float32. Under TensorFlow without a GPU, `ecg_tf.kernels.batch_normalization` computes the
    layer, in bfloat16 with rounded inputs and outputs only. In training on several devices under
    JAX, these exchange the means and variances of their shares of a batch at once. Keras computes
    the layer in all other cases, such as GPUs under TensorFlow, float64, masks, and other axes than
    the last.

    Args:
        *args: arguments of `keras.layers.BatchNormalization`.
        **kwargs: arguments of `keras.layers.BatchNormalization`.

    References:
        S. Ioffe, C. Szegedy, Batch normalization: Accelerating deep network training by reducing
        internal covariate shift, ICML 2015, https://arxiv.org/abs/1502.03167

        T. Chan, G. Golub, R. LeVeque, Algorithms for computing the sample variance: Analysis and
        recommendations, The American Statistician 37 (1983) 242–247, for the variance of a batch
        from those of its shares

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers import BatchNormalization
        >>> x = np.array([[[0.0], [2.0]]], "float32")
        >>> np.asarray(BatchNormalization(epsilon=0.0)(x, training=True)).ravel().tolist()
        [-1.0, 1.0]
    """

    _folded = None

    def fold_into(self, convolution: keras.Layer) -> None:
        """Let the convolution before this layer do its work, for inference only.

        The kernel of the convolution is multiplied by the factors of this layer. Its bias gets the
        offsets; if it has none, this layer still adds them. Outputs agree to 1e-5 in float32.

        Args:
            convolution: `keras.layers.Conv1D` or `Conv2D` whose only use is the input of this
                layer, without activation.
        """
        gamma, beta, mean, variance = (
            ops.convert_to_numpy(weight).astype("float64")
            for weight in (self.gamma, self.beta, self.moving_mean, self.moving_variance)
        )
        factor = gamma / np.sqrt(variance + self.epsilon)
        offset = beta - mean * factor
        convolution.kernel.assign(ops.convert_to_numpy(convolution.kernel) * factor)
        if convolution.use_bias:
            convolution.bias.assign(ops.convert_to_numpy(convolution.bias) * factor + offset)
        else:
            self.beta.assign(offset)
        self._folded = "into bias" if convolution.use_bias else "but offset"

    def call(
        self,
        inputs: keras.KerasTensor,
        training: bool | None = None,
        mask: keras.KerasTensor | None = None,
    ) -> keras.KerasTensor:
        if self._folded == "into bias":
            return inputs
        if self._folded == "but offset":
            return self._plus_offset(inputs)
        shares = _number_of_shares(inputs)
        if shares > 1 and training and self.trainable and self._is_usual(inputs, mask):
            return self._over_devices(inputs, shares)
        if not self._is_fused(inputs, mask):
            return super().call(inputs, training=training, mask=mask)
        from ecg_tf.kernels.batch_normalization import normalize, normalize_batch

        weights = ops.convert_to_tensor(self.gamma), ops.convert_to_tensor(self.beta)
        statistics = self.moving_mean, self.moving_variance
        if not (training and self.trainable):
            return normalize(
                inputs, *weights, *map(ops.convert_to_tensor, statistics), self.epsilon
            )
        outputs, *of_batch = normalize_batch(inputs, *weights, self.epsilon)
        for moving, new in zip(statistics, of_batch, strict=True):
            moving.assign(moving * self.momentum + new * (1.0 - self.momentum))
        return outputs

    def _plus_offset(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        offset = ops.cast(self.beta, inputs.dtype)
        if keras.backend.backend() != "tensorflow":
            return inputs + offset
        from ecg_tf.kernels.batch_normalization import add_bias

        return add_bias(inputs, offset)

    def _over_devices(self, inputs: keras.KerasTensor, shares: int) -> keras.KerasTensor:
        """Train with one message between the devices forwards and one backwards, not two each."""
        inputs = ops.cast(inputs, "float32")
        mean, variance = _moments_over_devices(inputs, shares)
        for moving, new in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + new * (1.0 - self.momentum))
        outputs = ops.batch_normalization(
            inputs, mean, variance, -1, self.beta, self.gamma, self.epsilon
        )
        return ops.cast(outputs, self.compute_dtype)

    def _is_fused(self, inputs: keras.KerasTensor, mask: keras.KerasTensor | None) -> bool:
        return (
            keras.backend.backend() == "tensorflow"
            and self._is_usual(inputs, mask)
            and self.compute_dtype in ("float32", "bfloat16")
            and not keras.distribution.list_devices("gpu")
        )

    def _is_usual(self, inputs: keras.KerasTensor, mask: keras.KerasTensor | None) -> bool:
        axes = len(inputs.shape)
        return (
            mask is None
            and axes in (3, 4)
            and self.axis in (-1, axes - 1)
            and self.center
            and self.scale
            and self.compute_dtype != "float64"
            and not (self.synchronized or getattr(self, "renorm", False))
        )


def _number_of_shares(inputs: keras.KerasTensor) -> int:
    """The number of devices that share a batch under JAX; 1 if they cannot share it evenly."""
    if keras.backend.backend() != "jax":
        return 1
    shares = getattr(keras.distribution.distribution(), "num_model_replicas", 1)
    return 1 if inputs.shape[0] is None or inputs.shape[0] % shares else shares


def _moments_over_devices(
    x: keras.KerasTensor, shares: int
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Mean and variance of each channel of a batch, from those of the share of each device."""
    x = ops.reshape(x, (shares, -1, *x.shape[1:]))
    of_shares = ops.concatenate(ops.moments(x, range(1, len(x.shape) - 1)), axis=1)
    everywhere = keras.distribution.TensorLayout(
        [None, None], keras.distribution.distribution().device_mesh
    )
    of_shares = keras.distribution.distribute_tensor(of_shares, everywhere)
    means, variances = ops.split(of_shares, 2, axis=1)
    mean = ops.mean(means, axis=0)
    return mean, ops.mean(variances + ops.square(means - mean), axis=0)
