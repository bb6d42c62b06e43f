"""Start of the backend of Keras without the lines that it prints."""

import logging
import os
import sys


def start_quietly():
    """Import Keras and its backend; see `ecg_tf.start_quietly`."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if sys.stderr:
        sys.stderr.flush()
    # Some libraries print before or without reading this variable, always to file descriptor 2.
    shown, hidden = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(hidden, 2)
        import keras
    finally:
        os.dup2(shown, 2)
        os.close(shown)
        os.close(hidden)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.get_logger().setLevel(logging.WARNING)  # in an interactive Python, TensorFlow's is INFO
