"""Splitting records by patient into partitions with similar shares of each class."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ecg_tf.data.partitions import PARTITIONS
from ecg_tf.errors import InputError

DEFAULT_SPLIT = "0.8,0.1,0.1"


def parse_split(text: str) -> tuple[float, ...]:
    """Parse the shares of the train, dev and test partitions.

    Args:
        text: three numbers from 0 to 1 with a sum of 1, separated by commas.

    Raises:
        InputError: the text is something else.

    Examples:
        >>> from ecg_tf.data.tables.split import parse_split
        >>> parse_split("0.8,0.1,0.1")
        (0.8, 0.1, 0.1)
    """
    try:
        shares = tuple(map(float, text.split(",")))
    except ValueError:
        shares = ()
    valid = all(0 <= share <= 1 for share in shares)
    if len(shares) != len(PARTITIONS) or not valid or not math.isclose(sum(shares), 1):
        raise InputError(
            f"split {text!r}: expected the shares of train, dev and test, three numbers with a "
            f"sum of 1, as {DEFAULT_SPLIT}"
        )
    return shares


def split_patients(
    patients: np.ndarray, labels: np.ndarray, shares: Sequence[float], seed: int
) -> np.ndarray:
    """Assign each record to a partition, all records of a patient to the same one.

    The rarest class that is left is distributed first: its patients go, one by one, to the
    partition that lacks most of the class, and in case of a tie most records (iterative
    stratification, Sechidis et al. 2011).

    Args:
        patients: (record,) the patient of each record.
        labels: uint8 (record, class).
        shares: shares of the partitions, with a sum of 1.
        seed: seed of the order of patients.

    Returns:
        int (record,), numbers of partitions.

    References:
        K. Sechidis et al., "On the stratification of multi-label data", ECML PKDD 2011,
        doi:10.1007/978-3-642-23808-6_10.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.data.tables.split import split_patients
        >>> labels = np.arange(100)[:, None] % 2  # every second record
        >>> parts = split_patients(np.arange(100), labels, (0.8, 0.1, 0.1), seed=42)
        >>> np.bincount(parts).tolist(), np.bincount(parts, labels[:, 0]).tolist()
        ([80, 10, 10], [40.0, 5.0, 5.0])
    """
    _, patient_of = np.unique(patients, return_inverse=True)
    count = patient_of.max() + 1
    # A last column counts records without any class; then come all records.
    columns = np.column_stack([labels, ~labels.any(axis=1), np.ones(len(labels), bool)])
    of_patient = np.stack([np.bincount(patient_of, column, count) for column in columns.T], axis=1)
    wanted = np.outer(shares, of_patient.sum(axis=0))
    usable = np.flatnonzero(np.asarray(shares) > 0)
    order = np.random.default_rng(seed).permutation(count)
    # Patients with many records first: later ones even out what they leave uneven.
    order = order[np.argsort(-of_patient[order, -1], kind="stable")]
    part_of = np.full(count, -1)
    left = of_patient.sum(axis=0)
    while (left[:-1] > 0).any():
        rarest = np.where(left[:-1] > 0, left[:-1], np.inf).argmin()
        for patient in order[(part_of[order] < 0) & (of_patient[order, rarest] > 0)]:
            lacking = np.lexsort((wanted[usable, -1], wanted[usable, rarest]))
            part = usable[lacking[-1]]
            part_of[patient] = part
            wanted[part] -= of_patient[patient]
            left -= of_patient[patient]
    return part_of[patient_of]
