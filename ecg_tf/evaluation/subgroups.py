"""The same evaluation for women and men, for the young and the old."""

import dataclasses

import numpy as np

SEXES = {"male": 0, "female": 1}  # PTB-XL's numbers
AGE_BANDS = {  # years: from, to less than
    "under 40": (0, 40),
    "40-59": (40, 60),
    "60-79": (60, 80),
    "80 and over": (80, np.inf),  # with PTB-XL's 300 for over 89
}


def subgroups(evaluation, sex, age):
    """Evaluations of the records of each sex and of each age band.

    Args:
        evaluation: the `Evaluation`.
        sex: (record,): 0 male, 1 female; anything else is unknown.
        age: (record,) years; NaN where unknown.

    Returns:
        {"sex": {name: `Evaluation`}, "age": {name: `Evaluation`}}, with names of `SEXES` and
        `AGE_BANDS`, and "unknown"; those without records are left out.
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


def _of(evaluation, mask):
    parts = {
        name: getattr(evaluation, name)
        for name in ("labels", "probabilities", "ecg_ids", "patient_ids", "ecg")
    }
    return dataclasses.replace(
        evaluation,
        **{name: None if part is None else part[mask] for name, part in parts.items()},
    )
