"""Knowledge distillation: training labels mixed with the predictions of finished runs."""

import numpy as np
from absl import logging

from ecg_tf.errors import InputError
from ecg_tf.runs.evaluate import open_for_run
from ecg_tf.runs.predict import predict_probabilities
from ecg_tf.runs.run_folder import RunFolder


class Teacher:
    """A finished run, and the training records as its network takes them.

    Its input may differ from that of its student: it may take all leads, for example.

    Args:
        path: the run folder, "pretrained:NAME" or "hf://OWNER/NAME".
        data: the training data: prepared or packed records, or an image tree.
        class_names: the classes of the student, in order.

    Attributes:
        run: its `RunFolder`.
        metadata: its `ecg_tf.runs.run_metadata.RunMetadata`.

    Raises:
        InputError: a run that is not finished, cannot use `data`, or does not predict a class.
    """

    def __init__(self, path, data, class_names):
        self._path, self.run = path, RunFolder.open(path)
        self.metadata = self.run.metadata
        predicted = self.metadata.class_names
        missing = [name for name in class_names if name not in predicted]
        if missing:
            raise InputError(
                f"teacher_runs {path}: predicts {', '.join(predicted)}, expected "
                f"{', '.join(missing)} as well"
            )
        self._columns = [predicted.index(name) for name in class_names]
        try:
            self._source = open_for_run(self.run, data, "train").source
        except InputError as error:
            raise InputError(f"teacher_runs {path}: {error}") from error

    def predict(self):
        """Probabilities of the whole, unaugmented training records, float32 (record, class)."""
        logging.info("%s predicts the training records", self._path)
        probabilities = predict_probabilities(
            self.run.inference_network(), self.run.preprocessor(), self._source
        )
        return probabilities[:, self._columns]


def softened_labels(labels, teachers, share):
    """Mix labels y and the teachers' mean probabilities p: share · p + (1 - share) · y.

    y is a cardiologist's diagnosis; p also reflects how clearly the ECG shows it (Hinton et al.
    2015, "Distilling the knowledge in a neural network", https://arxiv.org/abs/1503.02531).

    Args:
        labels: labels of the train partition, uint8 (record, class).
        teachers: list of one or more `Teacher`.
        share: weight of the probabilities, more than 0 and at most 1.

    Returns:
        float32 (record, class) in [0, 1].
    """
    mean = sum(teacher.predict() for teacher in teachers) / len(teachers)
    return (share * mean + (1 - share) * labels).astype(np.float32)
