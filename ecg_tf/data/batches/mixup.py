"""Mixup augmentation of training batches."""

from collections.abc import Sequence

import numpy as np


def mixup(
    x: np.ndarray, labels: np.ndarray, alpha: float, seed: int | Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Mix each record and its labels with those of another record in the batch.

    Record i becomes s x_i + (1 - s) x_j, and its labels are mixed in the same way. The share s is
    drawn from Beta(alpha, alpha), or is 1 minus such a number, so that s ≥ 1/2; j is a permutation
    of the batch.

    Args:
        x: float32 (batch, …).
        labels: float32 (batch, class).
        alpha: parameter of the Beta distribution, above 0. Larger values mix more evenly.
        seed: seed of the random numbers, one or more non-negative integers.

    Returns:
        Mixed x and labels of the same shapes and dtypes.

    References:
        H. Zhang et al., "mixup: Beyond empirical risk minimization", ICLR 2018,
        https://arxiv.org/abs/1710.09412.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.data.batches.mixup import mixup
        >>> x, labels = mixup(np.zeros((4, 1000, 3), np.float32), np.eye(4, dtype=np.float32), 1, 0)
        >>> x.shape, bool((np.diag(labels) >= 0.5).all())
        ((4, 1000, 3), True)
    """
    random = np.random.default_rng(seed)
    share = random.beta(alpha, alpha, len(x)).astype(np.float32)
    share = np.maximum(share, 1 - share)
    other = random.permutation(len(x))

    def mixed(values: np.ndarray) -> np.ndarray:
        own = share.reshape(-1, *(1,) * (values.ndim - 1))
        return own * values + (1 - own) * values[other]

    return mixed(x), mixed(labels)
