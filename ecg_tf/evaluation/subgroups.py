"""Evaluations of subgroups of patients by sex and age."""

import dataclasses

import numpy as np

from ecg_tf.evaluation.evaluation import Evaluation

SEXES = {"male": 0, "female": 1}  # as in PTB-XL
AGE_BANDS = {  # years: lower end, upper end (exclusive)
    "under 40": (0, 40),
    "40-59": (40, 60),
    "60-79": (60, 80),
    "80 and over": (80, np.inf),  # PTB-XL states 300 for ages over 89
}


def subgroups(
    evaluation: Evaluation, sex: np.ndarray, age: np.ndarray
) -> dict[str, dict[str, Evaluation]]:
    """Split an evaluation by sex and by age.

    Args:
        evaluation: the evaluation of all records.
        sex: (record,) 0 for male, 1 for female, any other number for unknown.
        age: (record,) years; NaN for unknown.

    Returns:
        {"sex": {name: Evaluation}, "age": {name: Evaluation}}, with the names in `SEXES` and
        `AGE_BANDS` and "unknown". Groups without records are left out.
    """
    sex, age = np.asarray(sex), np.asarray(age)
    masks = {
        "sex": {name: sex == number for name, number in SEXES.items()},
        "age": {name: (low <= age) & (age < high) for name, (low, high) in AGE_BANDS.items()},
    }
    for groups in masks.values():
        groups["unknown"] = ~np.any(list(groups.values()), axis=0)
    return {
        kind: {name: _of(evaluation, mask) for name, mask in groups.items() if mask.any()}
        for kind, groups in masks.items()
    }


def _of(evaluation: Evaluation, mask: np.ndarray) -> Evaluation:
    parts = {
        name: getattr(evaluation, name)
        for name in ("labels", "probabilities", "ecg_ids", "patient_ids", "ecg")
    }
    return dataclasses.replace(
        evaluation,
        **{name: None if part is None else part[mask] for name, part in parts.items()},
    )
