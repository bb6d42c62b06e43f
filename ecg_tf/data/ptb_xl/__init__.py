"""The TFDS dataset `ptb_xl`. Importing this package registers it for `tfds.load`."""

from ecg_tf.data.ptb_xl.ptb_xl_dataset_builder import Builder

__all__ = ["Builder"]
