"""What a layer does faster on one backend than `keras.ops` can: TensorFlow on CPUs."""
