"""The TFDS dataset `ptb_xl`; importing this package registers it with `tfds.load`."""

from ecg_tf.data.ptb_xl.ptb_xl_dataset_builder import Builder

__all__ = ["Builder"]
