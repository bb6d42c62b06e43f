"""The version of ecg_tf."""

__version__ = "0.2.0"
