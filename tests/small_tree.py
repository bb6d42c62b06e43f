"""An image tree of four black images."""

import numpy as np

from ecg_tf.data.images.image_cache import ImageCache
from ecg_tf.data.labels import CLASSES
from ecg_tf.leads import DEFAULT_LEADS
from ecg_tf.preprocessing import CHANNELS


def small_tree(folder, partitions, size):
    """Write the tree to `folder`, with the study's leads and scaling."""
    for partition in partitions:
        cache = ImageCache(
            folder,
            partition,
            np.eye(4, dtype=np.uint8),
            leads=DEFAULT_LEADS,
            channels=CHANNELS,
            size=size,
            class_names=CLASSES,
            simulated=True,
            ecg_sha256=None,
            image_backend="pyts",
        )
        for k in range(4):
            cache.write(k, np.zeros((size, size, 9), np.uint8))
    return folder
