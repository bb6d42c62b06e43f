"""What classes, metrics and rows are called and mean, for those who read a report."""

CLASS_WORDS = {
    "MI": "myocardial infarction",
    "STTC": "ST/T change",
    "CD": "conduction disturbance",
    "HYP": "hypertrophy",
    "NORM": "none of the others",
}

# Of each metric: its name, its definition, what is undefined (–), its source.
METRIC_WORDS = {
    "sensitivity": (
        "Sensitivity",
        "TP / (TP + FN): of the records that have the class, the share predicted. Also recall, "
        "true positive rate.",
        "no record has the class",
    ),
    "specificity": (
        "Specificity",
        "TN / (TN + FP): of the records without the class, the share not predicted.",
        "every record has the class",
    ),
    "precision": (
        "Precision",
        "TP / (TP + FP): of the records predicted, the share that has the class. Also positive "
        "predictive value; it depends on how frequent the class is here.",
        "nothing is predicted",
    ),
    "npv": (
        "NPV",
        "TN / (TN + FN), negative predictive value: of the records not predicted, the share "
        "without the class; it depends on how frequent the class is here.",
        "everything is predicted",
    ),
    "f1": (
        "F1",
        "2 TP / (2 TP + FN + FP), the harmonic mean of sensitivity and precision.",
        "no record has the class and none is predicted",
    ),
    "accuracy": (
        "Accuracy",
        "(TP + TN) / all: the share of right decisions. Never predicting a rare class already "
        "gives a high one.",
        None,
    ),
    "balanced_accuracy": (
        "Balanced accuracy",
        "(sensitivity + specificity) / 2 (Brodersen et al. 2010).",
        "sensitivity or specificity is",
    ),
    "g_mean": (
        "G-mean",
        "√(sensitivity · specificity) (Kubat and Matwin 1997).",
        "sensitivity or specificity is",
    ),
    "auroc": (
        "AUROC",
        "Area under the ROC curve: how often a record with the class gets a higher probability "
        "than one without it, ties counting half (Hanley and McNeil 1982). 0.5 is chance. "
        "Independent of the threshold.",
        "no record or every record has the class",
    ),
    "average_precision": (
        "Average precision",
        "Area under the precision–recall curve, as a sum of steps, without interpolation. The "
        "class's share of the records is chance. Independent of the threshold.",
        "no record has the class",
    ),
    "brier": (
        "Brier score",
        "Mean of (probability − label)² (Brier 1950): 0 is best; always saying 0.5 gives 0.25. "
        "Independent of the threshold.",
        None,
    ),
}

# Of the rows that are no classes.
ROW_WORDS = {
    "NORM": "“None of the classes”, counted as if it were a class: TP, none is true and none is "
    "predicted; FN, none is true but one is predicted; FP, one is true but none is predicted; TN, "
    "one is true and one, perhaps another, is predicted. It counts toward neither pooled nor "
    "macro, and has no probability of its own.",
    "pooled": "The metrics of the counts summed over the classes (micro average; the study calls "
    "it the mean). Its AUROC, average precision and Brier score are of all pairs of record and "
    "class.",
    "macro": "The mean of the metric over the classes; undefined where it is for one of them.",
}


def seen_sentences(seen, partition, records):
    """What the network has seen of the records that it is judged on, as sentences without a stop.

    Args:
        seen: the numbers of `ecg_tf.runs.seen.check_judged`; None where they are not known.
        partition: name of the partition.
        records: how many it has.

    Returns:
        list of str: none where it has seen nothing.
    """
    if seen is None:
        return []
    words = {
        "trained": f"{seen['trained']} of these {records} {partition} records are among those that "
        "the network, or one that it was built from or taught by, was trained on",
        "chosen": f"{seen['chosen']} of these {records} {partition} records are among those by "
        "which its epoch and its thresholds were chosen",
        "thresholds": f"{seen['thresholds']} of the dev records that its epoch or thresholds were "
        "chosen by are among those that it, or a network that it was built from or taught by, was "
        "trained on",
    }
    return [sentence for name, sentence in words.items() if seen[name]]
