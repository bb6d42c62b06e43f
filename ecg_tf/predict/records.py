"""Prediction from many records, some of which may be unusable."""

import functools
import itertools
import os
from pathlib import Path

import numpy as np

from ecg_tf.data.any_ecg import Window, read_any, windows
from ecg_tf.data.ecg_files.file_kinds import one_name_each
from ecg_tf.data.tables.stored_ecg import files_of
from ecg_tf.errors import InputError, RecordError
from ecg_tf.files import check_inside
from ecg_tf.predict.prediction import Prediction

_BATCH = 16  # windows predicted at once


def predict_records(predictor, records, **how):
    """Predict from records, a batch of windows at a time.

    Args:
        predictor: a `Predictor`.
        records: paths of ECGs of any readable kind. Several files of one WFDB record are one
            record.
        **how: further arguments of `ecg_tf.data.any_ecg.read_any`, for all records.

    Yields:
        A `Prediction` for each window of the length that the network takes, in the order of
        `records` and of time. A RecordError takes its place for a record that cannot be read, lacks
        a lead that the network takes or is too short, and for a window that is no ECG. It is not
        raised, so that the other records are predicted. An unexpected exception becomes a
        RecordError, too, and is its `__cause__`.
    """
    taken = predictor.leads, predictor.sampling_rate, predictor.samples
    outcomes = itertools.chain.from_iterable(
        windows_of(record, taken, how) for record in one_name_each(records)
    )
    while batch := list(itertools.islice(outcomes, _BATCH)):
        yield from outcomes_of(predictor, batch)


def record_error(name, error):
    """The RecordError for an exception that one record raised, which is its `__cause__`."""
    words = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
    one = RecordError(f"{name}: {words}")
    one.__cause__ = error
    return one


def windows_of(path, taken, how, folder=None):
    """Yield the windows of a record, with a RecordError in the place of each unusable one.

    Args:
        path: path of the record.
        taken: what the network takes: names of leads, sampling rate in Hz, number of samples.
        how: further arguments of `ecg_tf.data.any_ecg.read_any`.
        folder: the folder that the files of the record have to be in. Default: any.
    """
    try:
        if folder is not None:
            _check_inside(folder, Path(path).parent)
            for file in filter(os.path.islink, files_of(Path(path))):
                check_inside(folder, file)
        record = read_any(path, **how)
        yield from windows(record, *taken)
    except RecordError as error:
        yield error
    except Exception as error:  # the other records are still predicted
        yield record_error(path, error)


@functools.lru_cache(maxsize=64)
def _check_inside(folder, parent):
    """Check the folder of a record once for all records in it."""
    check_inside(folder, parent)


def outcomes_of(predictor, batch):
    """Yield the items of `batch`, with a `Prediction` or an error in the place of each window."""
    good = [window for window in batch if isinstance(window, Window)]
    predicted = iter(_predict(predictor, good) if good else ())
    for item in batch:
        yield next(predicted) if isinstance(item, Window) else item


def _predict(predictor, good):
    """The outcomes of a batch of windows, predicted one by one if the batch fails."""
    try:
        prediction = predictor(np.stack([window.ecg for window in good]))
        return [
            _outcome(predictor, window, *one)
            for window, *one in zip(
                good,
                prediction["probabilities"],
                prediction["decisions"],
                prediction["valid"],
                strict=True,
            )
        ]
    except Exception as error:  # the other windows are still predicted
        if len(good) > 1:
            return [outcome for window in good for outcome in _predict(predictor, [window])]
        return [record_error(good[0].name, error)]


def _outcome(predictor, window, probabilities, decisions, valid):
    if not valid:
        return RecordError(f"{window.name}: no valid ECG in the leads that the network takes")
    if not np.isfinite(probabilities).all():
        return RecordError(f"{window.name}: the network's probabilities are not finite")
    return Prediction(
        record=window.record,
        start=window.start,
        duration=window.duration,
        sampling_rate=window.sampling_rate,
        simulated=window.simulated,
        simulated_training=predictor.simulated,
        leads=predictor.leads,
        class_names=predictor.class_names,
        probabilities=tuple(probabilities.tolist()),
        thresholds=tuple(predictor.thresholds.tolist()),
        decisions=tuple(decisions.tolist()),
        window=window,
    )
