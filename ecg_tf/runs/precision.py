"""Float32 arithmetic on GPUs."""

import keras


def disable_tf32():
    """Compute float32 products on GPUs without TF32, whose rounding would change the images.

    Use mixed precision for speed.
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_tensor_float_32_execution(False)
    elif keras.backend.backend() == "jax":
        import jax

        jax.config.update("jax_default_matmul_precision", "highest")
