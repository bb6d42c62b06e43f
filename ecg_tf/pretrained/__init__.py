"""The trained networks that come with ecg_tf: a folder for each, and how one is found by name."""

from ecg_tf.pretrained.shipped import card, names, place

__all__ = ["card", "names", "place"]
