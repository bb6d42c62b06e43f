"""Knowledge distillation: training labels softened by what finished runs answer."""

import numpy as np
from absl import logging

from ecg_tf.errors import InputError
from ecg_tf.runs.evaluate import open_for_run
from ecg_tf.runs.predict import predict_probabilities
from ecg_tf.runs.run_folder import RunFolder


class Teacher:
    """A finished run, and the training records as its network looks at them.

    It may look at more than its student does, such as all leads.

    Args:
        path: the run folder, or "pretrained:NAME".
        data: what is trained on: prepared or packed records, or an image tree.
        class_names: the classes of the student, in order.

    Attributes:
        run: its `RunFolder`.
        metadata: its `ecg_tf.runs.run_metadata.RunMetadata`.

    Raises:
        InputError: a run that is not finished, cannot look at `data`, or does not answer a class.
    """

    def __init__(self, path, data, class_names):
        self._path, self.run = path, RunFolder.open(path)
        self.metadata = self.run.metadata
        answered = self.metadata.class_names
        missing = [name for name in class_names if name not in answered]
        if missing:
            raise InputError(
                f"teacher_runs {path}: answers {', '.join(answered)}, "
                f"expected {', '.join(missing)}, too"
            )
        self._columns = [answered.index(name) for name in class_names]
        try:
            self._source = open_for_run(self.run, data, "train").source
        except InputError as error:
            raise InputError(f"teacher_runs {path}: {error}") from error

    def answer(self):
        """Its probabilities for the whole records as they are, float32 (record, class)."""
        logging.info("%s answers the training records", self._path)
        probabilities = predict_probabilities(
            self.run.network(), self.run.preprocessor(), self._source
        )
        return probabilities[:, self._columns]


def softened_labels(labels, teachers, share):
    """The labels y and the teachers' mean probabilities p, mixed: share · p + (1 - share) · y.

    y says what a cardiologist wrote, p how clearly the ECG shows it (Hinton et al. 2015,
    "Distilling the knowledge in a neural network").

    Args:
        labels: uint8 (record, class) of the train partition.
        teachers: `Teacher`s, one or more.
        share: more than 0, at most 1.

    Returns:
        float32 (record, class) in [0, 1].
    """
    mean = sum(teacher.answer() for teacher in teachers) / len(teachers)
    return (share * mean + (1 - share) * labels).astype(np.float32)
