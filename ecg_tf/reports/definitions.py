"""Definitions of classes, metrics and rows, for readers of reports."""

from collections.abc import Sequence

import numpy as np

from ecg_tf.evaluation.evaluation import Evaluation
from ecg_tf.evaluation.summary import NONE, NORM

CLASS_DEFINITIONS = {
    "MI": "myocardial infarction",
    "STTC": "ST/T change",
    "CD": "conduction disturbance",
    "HYP": "hypertrophy",
    "NORM": "none of the others",
}
GROUPS = "Each class is a group of SCP codes; its probability is the largest among its codes"

# Of each metric: its name, its definition, and when it is undefined.
METRIC_DEFINITIONS = {
    "sensitivity": (
        "Sensitivity",
        "TP / (TP + FN): the share of the records with the class for which it is predicted. Also "
        "called recall or true positive rate.",
        "no record has the class",
    ),
    "specificity": (
        "Specificity",
        "TN / (TN + FP): the share of the records without the class for which it is not predicted.",
        "every record has the class",
    ),
    "precision": (
        "Precision",
        "TP / (TP + FP): the share of the positive predictions that are correct. Also called "
        "positive predictive value. Depends on how common the class is in these records.",
        "the class is never predicted",
    ),
    "npv": (
        "NPV",
        "TN / (TN + FN), negative predictive value: the share of the negative predictions that are "
        "correct. Depends on how common the class is in these records.",
        "the class is always predicted",
    ),
    "f1": (
        "F1",
        "2 TP / (2 TP + FN + FP): the harmonic mean of sensitivity and precision.",
        "no record has the class and it is never predicted",
    ),
    "accuracy": (
        "Accuracy",
        "(TP + TN) / all records: the share of correct decisions. High for a rare class even if "
        "the class is never predicted.",
        None,
    ),
    "balanced_accuracy": (
        "Balanced accuracy",
        "(sensitivity + specificity) / 2 (Brodersen et al. 2010).",
        "sensitivity or specificity is undefined",
    ),
    "g_mean": (
        "G-mean",
        "√(sensitivity · specificity) (Kubat and Matwin 1997).",
        "sensitivity or specificity is undefined",
    ),
    "auroc": (
        "AUROC",
        "Area under the ROC curve: how often a record with the class gets a higher probability "
        "than a record without it; ties count half (Hanley and McNeil 1982). Chance is 0.5. Does "
        "not depend on the threshold.",
        "no record or every record has the class",
    ),
    "average_precision": (
        "Average precision",
        "Area under the precision–recall curve, summed in steps, without interpolation. Chance is "
        "the share of the records with the class. Does not depend on the threshold.",
        "no record has the class",
    ),
    "brier": (
        "Brier score",
        "Mean of (probability − label)² (Brier 1950). 0 is best; always predicting 0.5 gives 0.25. "
        "Does not depend on the threshold.",
        None,
    ),
}

_NONE = (
    "“None of the classes”, counted like a class. TP: no class is true and none is "
    "predicted. FN: no class is true, but at least one is predicted. FP: at least one class is "
    "true, but none is predicted. TN: at least one class is true and at least one, not necessarily "
    "the same, is predicted. Not included in pooled and macro; has no probability of its own."
)

# Of the rows that are not classes.
ROW_DEFINITIONS = {
    NORM: _NONE,
    NONE: _NONE,
    "pooled": "Metrics of the counts summed over the classes (micro average; the study calls it "
    "the mean). AUROC, average precision and Brier score are computed over all pairs of record and "
    "class.",
    "macro": "Mean of the metric over the classes that have positives and negatives. Undefined if "
    "there is no such class or the metric is undefined for one of them.",
}


def class_definitions(evaluation: Evaluation) -> list[str]:
    """Definitions of the classes that are known, as phrases: "MI, myocardial infarction"."""
    known = dict(CLASS_DEFINITIONS)
    if not norm_is_the_rest(evaluation):
        known[NORM] = "normal ECG"
    return [f"{name}, {known[name]}" for name in evaluation.class_names if name in known]


def norm_is_the_rest(evaluation: Evaluation) -> bool:
    """True if NORM is a class of exactly the records that have none of the other classes.

    False if there is no class NORM, or if it is one that records may have beside others, or may
    lack without having any.
    """
    names = list(evaluation.class_names)
    if NORM not in names:
        return False
    labels = evaluation.labels.astype(bool)
    others = np.delete(labels, names.index(NORM), axis=1).any(axis=1)
    return bool((labels[:, names.index(NORM)] != others).all())


def seen_sentences(seen: dict | None, partition: str, records: int) -> list[str]:
    """Statements on which of the evaluated records the network was trained on or chosen by.

    Args:
        seen: counts from `ecg_tf.runs.seen.check_judged`; None if unknown.
        partition: name of the partition.
        records: number of records in the partition.

    Returns:
        Clauses without a full stop; none if the network has not seen any of the records.
    """
    if seen is None:
        return []
    trained = "train the network, or a network that it was built from or distilled from"
    sentences = {
        "trained": f"{seen['trained']} of these {records} {partition} records were used to "
        f"{trained}",
        "chosen": f"{seen['chosen']} of these {records} {partition} records were used to choose "
        "the epoch and the thresholds of the network",
        "thresholds": f"{seen['thresholds']} of the dev records used to choose the epoch and the "
        f"thresholds were also used to {trained}",
    }
    return [sentence for name, sentence in sentences.items() if seen[name]]


def chosen_on_evaluated(about: dict) -> bool:
    """True if the thresholds were chosen on the evaluated records themselves.

    Args:
        about: `ecg_tf.evaluation.evaluation.Evaluation.about`.
    """
    elsewhere = about.get("threshold_data_set")
    return about["threshold_partition"] == about["partition"] and (
        elsewhere is None or elsewhere == about["data_set"]
    )


def external_sentence(about: dict) -> str | None:
    """The statement that the data set is not the one of the training; None if it is, or unknown."""
    if not about.get("external"):
        return None
    return (
        f"External: the network was trained on {about['trained_on']} and is evaluated on "
        f"{about['data_set']}"
    )


def class_sentences(about: dict) -> list[str]:
    """Statements on how the classes of the network and of the data match, without full stops."""
    said = [GROUPS] if about.get("groups") else []
    owners = {"only_run": "only the network has", "only_data": "only the data have"}
    for key, words in owners.items():
        if about.get(key):
            said.append(f"Classes left out, which {words}: {', '.join(about[key])}")
    return said


def one_sided_sentences(labels: np.ndarray, class_names: Sequence[str]) -> list[str]:
    """Statements on the classes without positives or without negatives, without full stops.

    Args:
        labels: (record, class) 0/1.
        class_names: names of the classes.
    """
    labels = np.asarray(labels, bool)
    kinds = {"positives": ~labels.any(axis=0), "negatives": labels.all(axis=0)}
    return [
        f"No {kind}, left out of macro: "
        + ", ".join(name for name, one in zip(class_names, missing, strict=True) if one)
        for kind, missing in kinds.items()
        if missing.any()
    ]
