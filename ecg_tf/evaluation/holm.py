"""p-values of several tests at once."""

import numpy as np


def holm(p_values):
    """p-values corrected for their number, by Holm's step-down method.

    Of m tests the k-th smallest p-value is multiplied by m − k + 1; none becomes smaller than one
    before it, nor larger than 1. Calling a difference real where the corrected p is at most α, the
    chance that even one of the differences called real is none is at most α, however the tests
    depend on one another and whichever of them one looks at afterwards.

    S. Holm, A simple sequentially rejective multiple test procedure, Scand. J. Statist. 6 (1979)
    65–70.

    Args:
        p_values: (test,) in [0, 1]; NaN is no test and does not count.

    Returns:
        (test,) float64, NaN where p_values is.
    """
    p_values = np.asarray(p_values, np.float64)
    tests = np.count_nonzero(~np.isnan(p_values))
    rising = np.argsort(p_values, kind="stable")[:tests]  # NaN is sorted to the end
    corrected = np.full(p_values.shape, np.nan)
    steps = p_values[rising] * np.arange(tests, 0, -1)
    corrected[rising] = np.minimum(np.maximum.accumulate(steps), 1)
    return corrected
