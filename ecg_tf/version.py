"""The version of ecg_tf."""

__version__ = "0.1.0"
