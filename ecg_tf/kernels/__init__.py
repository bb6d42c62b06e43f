"""Kernels for one backend that are faster than `keras.ops`: TensorFlow on CPUs."""
