"""What a layer does on one backend otherwise than `keras.ops` can: TensorFlow's GRUs."""
