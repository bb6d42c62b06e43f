"""Knowledge distillation: training labels softened by what finished runs answer."""

import numpy as np
from absl import logging

from ecg_tf.errors import InputError
from ecg_tf.training.evaluate import open_for_run
from ecg_tf.training.predict import predict_probabilities
from ecg_tf.training.run_folder import RunFolder


def softened_labels(runs, share, data, labels, class_names):
    """The labels y and the teachers' mean probabilities p, mixed: share · p + (1 - share) · y.

    y says what a cardiologist wrote, p how clearly the ECG shows it (Hinton et al. 2015,
    "Distilling the knowledge in a neural network"). A teacher may look at more than its student,
    such as all leads; it sees each record whole, as it was recorded.

    Args:
        runs: the teachers: paths of finished run folders, or "pretrained:NAME".
        share: more than 0, at most 1.
        data: what is trained on: prepared or packed records, or an image tree.
        labels: uint8 (record, class) of its train partition.
        class_names: the classes of `labels`.

    Returns:
        float32 (record, class) in [0, 1].

    Raises:
        InputError: a run that is not finished, cannot look at `data`, or does not answer a class.
    """
    total = np.zeros(labels.shape)
    for path in runs:
        run = RunFolder.open(path)
        answered = run.about["class_names"]
        missing = [name for name in class_names if name not in answered]
        if missing:
            raise InputError(
                f"teacher_runs {path}: answers {', '.join(answered)}, "
                f"expected {', '.join(missing)}, too"
            )
        try:
            source = open_for_run(run, data, "train").source
        except InputError as error:
            raise InputError(f"teacher_runs {path}: {error}") from error
        logging.info("%s answers the training records", path)
        probabilities = predict_probabilities(run.network(), run.front(), source)
        total += probabilities[:, [answered.index(name) for name in class_names]]
    return (share * total / len(runs) + (1 - share) * labels).astype(np.float32)
