"""Training records mixed with each other."""

import numpy as np


def mixup(x, labels, alpha, seed):
    """Each record and its labels mixed with another's of the batch (Zhang et al. 2018, "mixup").

    Record i becomes s x_i + (1 - s) x_j, its labels likewise; s ≥ 1/2 is Beta(alpha, alpha), or 1
    minus it, and j a permutation of the batch.

    Args:
        x: float32 (batch, …).
        labels: float32 (batch, class).
        alpha: more than 0; the larger, the more evenly mixed.
        seed: of the random numbers: non-negative integers.

    Returns:
        x and labels, of the same shapes and dtypes.
    """
    random = np.random.default_rng(seed)
    share = random.beta(alpha, alpha, len(x)).astype(np.float32)
    share = np.maximum(share, 1 - share)
    other = random.permutation(len(x))

    def mixed(values):
        own = share.reshape(-1, *(1,) * (values.ndim - 1))
        return own * values + (1 - own) * values[other]

    return mixed(x), mixed(labels)
