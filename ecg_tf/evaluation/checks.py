"""Argument validation."""

from collections.abc import Sequence

import numpy as np

from ecg_tf.errors import InputError


def check_binary(name: str, values: np.ndarray) -> np.ndarray:
    """Check labels or decisions, (record, class) 0/1, and return them as bool."""
    values = _check_table(name, values)
    _check_each(name, values, (values == 0) | (values == 1), "0 or 1")
    return values.astype(bool)


def check_probabilities(probabilities: np.ndarray) -> np.ndarray:
    """Check probabilities, (record, class) in [0, 1], and return them as float64."""
    probabilities = _check_table("probabilities", probabilities).astype(np.float64)
    _check_each("probabilities", probabilities, _in_unit_interval(probabilities), "one in [0, 1]")
    return probabilities


def check_thresholds(thresholds: np.ndarray, classes: int) -> np.ndarray:
    """Check thresholds, (class,) in [0, 1], and return them as float64."""
    thresholds = np.asarray(thresholds, dtype=np.float64)
    if thresholds.shape != (classes,):
        raise InputError(
            f"thresholds: shape {thresholds.shape}, expected one for each class, ({classes},)"
        )
    _check_each("thresholds", thresholds, _in_unit_interval(thresholds), "one in [0, 1]")
    return thresholds


def check_same_shape(
    name: str, values: np.ndarray, other_name: str, other_values: np.ndarray
) -> None:
    """Check that two tables have the same records and classes."""
    if values.shape != other_values.shape:
        raise InputError(
            f"{name} {values.shape} and {other_name} {other_values.shape}: "
            "expected the same (record, class)"
        )


def check_class_names(class_names: Sequence[str], classes: int) -> list[str]:
    """Check that there is a different name for each class, and return the names as a list."""
    class_names = list(class_names)
    if len(class_names) != classes or len(set(class_names)) != classes:
        raise InputError(f"class_names: {class_names}, expected {classes} different names")
    return class_names


def _check_table(name: str, values: np.ndarray) -> np.ndarray:
    values = np.asarray(values)
    if values.ndim != 2 or 0 in values.shape:
        raise InputError(
            f"{name}: shape {values.shape}, expected (record, class) with at least one of each"
        )
    return values


def _in_unit_interval(values: np.ndarray) -> np.ndarray:
    return (values >= 0) & (values <= 1)  # NaN is not


def _check_each(name: str, values: np.ndarray, good: np.ndarray, expected: str) -> None:
    if not good.all():
        first = tuple(np.argwhere(~good)[0].tolist())
        place = ", ".join(map(str, first))
        raise InputError(f"{name}[{place}] is {values[first]}, expected {expected}")
