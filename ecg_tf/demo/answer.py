"""What the page shows of an ECG: the prediction for each window, and pictures of one of them."""

from __future__ import annotations

import dataclasses

from ecg_tf.data.any_ecg import windows
from ecg_tf.data.ecg_files.record import Record
from ecg_tf.describe.record_picture import image_figure
from ecg_tf.errors import RecordError
from ecg_tf.leads import DEFAULT_LEADS, LEADS, lead_indices
from ecg_tf.plausibility import problem
from ecg_tf.predict.prediction import Prediction
from ecg_tf.predict.records import outcomes_of, record_error

_MOST_LEADS = 3  # with images


@dataclasses.dataclass(frozen=True)
class Answer:
    """The predictions of a network for the windows of a record.

    Attributes:
        network: name of the network.
        record: the `Record`.
        outcomes: a `Prediction` or a RecordError for each window; a single RecordError if the
            record as a whole cannot be used.
        number: the number of the window that is shown, from 0.
    """

    network: str
    record: Record = dataclasses.field(repr=False)
    outcomes: list[Prediction | RecordError] = dataclasses.field(repr=False)
    number: int = 0

    @property
    def outcome(self) -> Prediction | RecordError:
        """The outcome of the window that is shown."""
        return self.outcomes[self.number]

    def at(self, number: int) -> Answer:
        """The same with another window shown, the first or the last if there is no such window."""
        last = len(self.outcomes) - 1
        return dataclasses.replace(self, number=min(max(number, 0), last))


def predict_record(network, predictor, record):
    """The `Answer` of a network for a record.

    Args:
        network: name of the network.
        predictor: its `Predictor`.
        record: a `Record`.
    """
    try:
        parts = windows(record, predictor.leads, predictor.sampling_rate, predictor.samples)
        return Answer(network, record, list(outcomes_of(predictor, list(parts))))
    except RecordError as error:
        return Answer(network, record, [error])


def draw_images(prediction):
    """Draw the images of up to three leads: those of the study, or else of the network.

    Args:
        prediction: a `Prediction`.

    Returns:
        The names of the leads, and a matplotlib figure.
    """
    window = prediction.window
    leads = [
        lead
        for lead in dict.fromkeys((*DEFAULT_LEADS, *prediction.leads))
        if problem(window.ecg[:, LEADS.index(lead)], lead, window.seconds) is None
    ][:_MOST_LEADS]
    return leads, image_figure(window.ecg[:, lead_indices(leads)], leads, window.ecg_rate)


def draw_reasons(predictor, prediction, class_name):
    """Draw which parts of a window influenced the prediction of a class.

    Args:
        predictor: the `Predictor` that made `prediction`.
        prediction: a `Prediction`.
        class_name: one of its classes.

    Returns:
        matplotlib.figure.Figure.

    Raises:
        RecordError: the network cannot be explained.
    """
    window = prediction.window
    try:
        return predictor.explain(window.ecg, class_name, window.name, window.simulated)
    except Exception as error:
        raise record_error(f"{window.name}: no explanation", error) from error
