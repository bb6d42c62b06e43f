"""Simulated ECGs, and a folder of them in the form of PTB-XL."""

from ecg_tf.data.synthetic.ptb_xl_folder import write_folder
from ecg_tf.data.synthetic.simulator import simulate_ecg

__all__ = ["simulate_ecg", "write_folder"]
