"""Prediction of all records of a table or a folder, into one file."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from pathlib import Path

from ecg_tf.beam import Beam
from ecg_tf.data.any_ecg import Window
from ecg_tf.errors import RecordError
from ecg_tf.files import locked
from ecg_tf.predict.parts import Parts, is_part, read_parts, write_part
from ecg_tf.predict.prediction_file import (
    check_prediction_file,
    write_bad_records,
    write_predictions,
)
from ecg_tf.predict.predictor import Predictor
from ecg_tf.predict.record_names import NamedRecord, list_records
from ecg_tf.predict.records import outcomes_of, windows_of
from ecg_tf.processes import end_with_parent, kept_from_children
from ecg_tf.progress import Progress

# Worker processes import this module, so it does not import TensorFlow.

_PART = 128  # records, read by one process and predicted by one thread


@dataclasses.dataclass(frozen=True)
class Written:
    """What `predict_all` has written.

    Attributes:
        records: number of records.
        bad: number of records and windows without a prediction.
        bad_file: the list of these; there is no such file if `bad` is 0.
    """

    records: int
    bad: int
    bad_file: Path


def predict_all(
    path_model: str | os.PathLike,
    records: str | os.PathLike,
    out: str | os.PathLike,
    *,
    beam: Beam | None = None,
    **how: object,
) -> Written:
    """Predict all records of a table or a folder on all cores, and write one file.

    The file has a row for each window of the length that the network takes: `record`, `start` (of
    the window, s), `probability_` and `decision_` of each class. Records and windows without a
    prediction are listed in a file beside it, with the reason. Both are written at the end. Until
    then the predictions are in the folder `out`.parts: the same call after an interruption predicts
    the remaining records only.

    Args:
        path_model: run folder, export, "pretrained:NAME" or "hf://OWNER/NAME", see `ecg_tf.load`.
        records: a table or a folder, see `ecg_tf.predict.record_names.list_records`.
        out: a file whose name ends in .csv or .parquet. It must not exist.
        beam: the `ecg_tf.beam.Beam` whose workers read and predict the records. Default: this
            machine, without it.
        **how: further arguments of `ecg_tf.data.any_ecg.read_any`, for all records.

    Returns:
        The numbers of records and of those without a prediction, as `Written`.

    Raises:
        InputError: the network, the table or the folder cannot be used, the file exists or cannot
            be written, or another process predicts into it.

    Examples:
        >>> import pathlib, tempfile
        >>> from ecg_tf.data.synthetic import write_folder
        >>> from ecg_tf.predict.predict_all import predict_all
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_folder(f"{folder}/ptbxl", records=20)
        ...     out = pathlib.Path(folder) / "predictions.csv"
        ...     written = predict_all("pretrained:gru", f"{folder}/ptbxl/records100", out)
        ...     head, *rows = out.read_text().splitlines()
        >>> (written.records, written.bad), len(rows), head[:27]
        ((20, 0), 20, 'record,start,probability_MI')
    """
    out = check_prediction_file(out)
    named, folder = list_records(records), Path(records)
    folder = folder if folder.is_dir() else folder.parent
    scratch = out.with_name(f"{out.name}.parts")
    with locked(scratch, "predicting"):
        predictor = Predictor(path_model, one_core=True)
        parts = Parts(scratch, predictor.place, how)
        if beam is None:
            files = _predict_parts(predictor, folder, named, parts, how)
        else:
            files = _predict_by_beam(beam, path_model, predictor, folder, named, parts, how)
        bad_file = out.with_name(f"{out.stem}.bad.csv")
        bad = write_bad_records(bad_file, read_parts(files, "bad"))
        write_predictions(out, predictor.class_names, read_parts(files, "rows"))
        shutil.rmtree(scratch, ignore_errors=True)
    return Written(len(named), bad, bad_file)


def _predict_parts(
    predictor: Predictor, folder: Path, named: Sequence[NamedRecord], parts: Parts, how: dict
) -> list[Path]:
    """Predict all parts that are missing, and return the files of all parts in order."""
    chunks, taken, cores = _chunks(named), _taken(predictor), os.cpu_count()

    def predict(chunk: Sequence[NamedRecord]) -> Path:
        file = parts.file(chunk)
        if not is_part(file):
            with kept_from_children():  # may start a process
                read = readers.submit(_read, folder, chunk, taken, how)
            write_part(file, _predict(predictor, read.result()))
        return file

    # Each thread waits until a process has read its records, and then predicts them on one core.
    with (
        _readers(cores if len(chunks) > 1 else 0) as readers,
        ThreadPoolExecutor(cores) as threads,
        Progress(len(named), "records", "predicting") as progress,
    ):
        jobs = {threads.submit(predict, chunk): len(chunk) for chunk in chunks}
        try:
            for job in as_completed(jobs):
                job.result()
                progress.advance(jobs[job])
        except BaseException:  # otherwise, leaving this block predicts all other records first
            threads.shutdown(wait=False, cancel_futures=True)
            raise
        return [job.result() for job in jobs]


def _predict_by_beam(
    beam: Beam,
    path_model: str | os.PathLike,
    predictor: Predictor,
    folder: Path,
    named: Sequence[NamedRecord],
    parts: Parts,
    how: dict,
) -> list[Path]:
    """As `_predict_parts`, by an Apache Beam pipeline."""
    from ecg_tf.predict.beam_prediction import write_parts

    files = {parts.file(chunk): chunk for chunk in _chunks(named)}
    missing = {file: chunk for file, chunk in files.items() if not is_part(file)}
    if missing:
        write_parts(beam, path_model, missing, (_taken(predictor), how, folder), parts.folder)
    return list(files)


def _chunks(named: Sequence[NamedRecord]) -> list[Sequence[NamedRecord]]:
    """The records of each part."""
    return [named[first : first + _PART] for first in range(0, len(named), _PART)]


def _taken(predictor: Predictor) -> tuple:
    """What the network takes, see `windows_of`."""
    return predictor.leads, predictor.sampling_rate, predictor.samples


def _readers(processes: int) -> Executor:
    """Processes that read records; for 0, a thread of this process, which starts at once."""
    if not processes:
        return ThreadPoolExecutor(1)
    # Start new processes ("spawn"): a forked copy of a process that runs TensorFlow may hang.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(processes, context, end_with_parent)


def _read(
    folder: Path, chunk: Sequence[NamedRecord], taken: tuple, how: dict
) -> list[tuple[str, Window | RecordError]]:
    """Read records in a worker process: their names with each of their windows, or an error."""
    return [
        (name, window) for name, path in chunk for window in windows_of(path, taken, how, folder)
    ]


def _predict(
    predictor: Predictor, read: Sequence[tuple[str, Window | RecordError]]
) -> list[tuple[str, object]]:
    """The names of records with a `Prediction` or an error for each window."""
    outcomes = []
    for first in range(0, len(read), _PART):
        names, windows = zip(*read[first : first + _PART], strict=True)
        outcomes += zip(names, outcomes_of(predictor, windows), strict=True)
    return outcomes
