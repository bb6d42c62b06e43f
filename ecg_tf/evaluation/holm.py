"""Correction of p-values for multiple tests."""

import numpy as np


def holm(p_values: np.ndarray) -> np.ndarray:
    """Correct p-values for multiple tests by Holm's step-down method.

    The k-th smallest of m p-values is multiplied by m − k + 1. Corrected p-values are increased
    where needed so that they keep their order, and limited to 1. If corrected p-values up to α are
    called significant, the probability of one or more false positives is at most α, for any
    dependence between the tests.

    Args:
        p_values: (test,) in [0, 1]; NaN values are not counted as tests.

    Returns:
        (test,) float64; NaN where `p_values` is NaN.

    References:
        S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
        Statistics 6 (1979) 65–70, https://www.jstor.org/stable/4615733

    Examples:
        >>> from ecg_tf.evaluation.holm import holm
        >>> holm([0.01, 0.04, 0.03]).tolist()
        [0.03, 0.06, 0.06]
    """
    p_values = np.asarray(p_values, np.float64)
    tests = np.count_nonzero(~np.isnan(p_values))
    rising = np.argsort(p_values, kind="stable")[:tests]  # NaN is sorted to the end
    corrected = np.full(p_values.shape, np.nan)
    steps = p_values[rising] * np.arange(tests, 0, -1)
    corrected[rising] = np.minimum(np.maximum.accumulate(steps), 1)
    return corrected
