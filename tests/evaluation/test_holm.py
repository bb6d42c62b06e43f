import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg_tf.evaluation.holm import holm

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def rejected(p_values, alpha):
    """Holm (1979), section 3: reject from the smallest p-value on, until one is too large."""
    order = sorted(range(len(p_values)), key=lambda k: p_values[k])
    for place, k in enumerate(order):
        if p_values[k] > alpha / (len(p_values) - place):
            return set(order[:place])
    return set(order)


def test_a_worked_example():
    """Four tests by hand: .005 · 4, .01 · 3, .03 · 2, and .04 · 1, which is raised to .06."""
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])


@given(P_VALUES, st.floats(0.001, 0.2))
def test_significant_tests_are_those_of_the_step_down_test(p_values, alpha):
    corrected = holm(p_values)
    if np.isclose(corrected, alpha, rtol=1e-9).any():  # a matter of rounding
        return
    assert set(np.flatnonzero(corrected <= alpha)) == rejected(p_values, alpha)


@given(P_VALUES)
def test_between_the_p_value_and_bonferronis(p_values):
    corrected = holm(p_values)
    assert (corrected >= p_values).all()
    assert (corrected <= np.minimum(np.array(p_values) * len(p_values), 1)).all()


def test_one_test_is_unchanged():
    assert holm([0.2]).tolist() == [0.2]
    assert holm([]).tolist() == []


def test_nan_is_no_test():
    np.testing.assert_allclose(holm([0.02, np.nan, 0.01]), [0.02, np.nan, 0.02])


@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_false_positives_are_at_most_alpha(alpha):
    cases = np.random.default_rng(0).random((2000, 6))
    found = np.mean([(holm(p_values) <= alpha).any() for p_values in cases])
    assert found < alpha + 3 * np.sqrt(alpha * (1 - alpha) / 2000)
