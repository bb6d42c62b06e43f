"""The networks that the page offers; each is loaded once and stays loaded."""

import threading

import numpy as np

from ecg_tf.leads import LEADS
from ecg_tf.predict.predictor import Predictor
from ecg_tf.pretrained.shipped import PREFIX, names


class Networks:
    """Networks by name.

    Args:
        paths: run folders, exports, "pretrained:NAME" or "hf://OWNER/NAME", offered before the
            other shipped networks.

    Attributes:
        names: the paths and the names of the shipped networks, each once.
    """

    def __init__(self, paths):
        self.names = list(dict.fromkeys([*paths, *(PREFIX + name for name in names())]))
        self._loaded, self._lock = {}, threading.Lock()

    def warm_up(self):
        """Load the first network and let it compile, so that the first visitor need not wait."""
        predictor = self.load(self.names[0])
        predictor(np.zeros((1, predictor.samples, len(LEADS)), np.float32))

    def load(self, name):
        """Return the `Predictor` of one of `names`; only the first call loads it."""
        with self._lock:
            if name not in self._loaded:
                self._loaded[name] = Predictor(name)
            return self._loaded[name]
