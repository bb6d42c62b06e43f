"""The trained networks that are part of ecg_tf, one folder each, and functions to find them."""

from ecg_tf.pretrained.shipped import card, names, place

__all__ = ["card", "names", "place"]
