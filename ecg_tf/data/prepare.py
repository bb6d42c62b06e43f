"""Preparing records: PTB-XL, or a table of any records."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from ecg_tf.beam import Beam
from ecg_tf.data.description import check_file_format
from ecg_tf.data.partitions import DEFAULT_FOLDS, folds_of_partitions
from ecg_tf.data.prepared import PreparedRecords
from ecg_tf.data.ptb_xl import Builder
from ecg_tf.data.ptb_xl.rows import rows_of_ptb_xl
from ecg_tf.data.store import SCRATCH, check_folder_to_store, store
from ecg_tf.data.tables.ecg_records import EcgRecords
from ecg_tf.data.tables.read_ecgs import ECGReader
from ecg_tf.data.tables.rows import Rows, rows_of_table
from ecg_tf.data.tables.stored_ecg import Signal
from ecg_tf.data.tasks import check_task
from ecg_tf.errors import InputError
from ecg_tf.leads import LEADS, SAMPLES, SAMPLING_RATE

_SECONDS = SAMPLES / SAMPLING_RATE


def prepare(
    ptbxl: str | os.PathLike,
    data: str | os.PathLike,
    *,
    task: str | None = None,
    keep_unlabelled: bool = False,
    train_folds: str = DEFAULT_FOLDS["train"],
    dev_folds: str = DEFAULT_FOLDS["dev"],
    test_folds: str = DEFAULT_FOLDS["test"],
    leads: Sequence[str] = LEADS,
    sampling_rate: int = SAMPLING_RATE,
    seconds: float = _SECONDS,
    on_bad_record: str = "fail",
    beam: Beam | None = None,
    file_format: str = "tfrecord",
) -> PreparedRecords:
    """Read a PTB-XL folder and store all records that have a class.

    The records become readable in one step at the end. The files of an interrupted preparation are
    not a dataset, and the next preparation removes them. Only one process at a time can prepare
    records in a folder.

    With the default arguments the result is the TFDS dataset `ptb_xl`; a task, or another choice of
    leads, sampling rate or duration gives the dataset `ecg_records`, as `prepare_table` does.

    Args:
        ptbxl: a PTB-XL folder (ptbxl_database.csv, scp_statements.csv, records100/).
        data: folder for the prepared records; it must not exist or be empty.
        task: a task of the benchmark of Strodthoff et al. 2021: "superdiagnostic" (5 classes),
            "subdiagnostic" (23), "diagnostic" (44), "form" (19), "rhythm" (12) or "all" (71).
            Default: the four classes MI, STTC, CD and HYP.
        keep_unlabelled: True to keep the records without a class of the task.
        train_folds: folds of the train partition, a text such as "1-8" or "1,2,5-7".
        dev_folds: folds of the dev partition.
        test_folds: folds of the test partition.
        leads: names of the leads to store. Default: all 12.
        sampling_rate: sampling rate of the stored ECGs, Hz. At 100 Hz, the default, records100/ is
            read, at any other rate records500/.
        seconds: duration of the stored ECGs, at most 10 s. Default: 10.
        on_bad_record: "fail" stops at the first record that cannot be used; "skip" leaves it out
            and lists it in the manifest. A row of the database that cannot be used (no fold, no SCP
            codes, …) is always an error.
        beam: the `ecg_tf.beam.Beam` that prepares the records. Default: this machine, without it.
        file_format: "tfrecord" for records that are read into memory, "array_record" for records
            that stay on the disk and are read batch by batch. Default: "tfrecord".

    Returns:
        The `PreparedRecords`.

    Raises:
        InputError: a folder or an argument cannot be used, or another process is preparing records
            in `data`.
        RecordError: a record cannot be used and `on_bad_record` is "fail".

    Examples:
        >>> import tempfile
        >>> from ecg_tf.data.prepare import prepare
        >>> from ecg_tf.data.synthetic import write_folder
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_folder(f"{folder}/ptbxl", records=20)
        ...     prepared = prepare(f"{folder}/ptbxl", f"{folder}/data")
        ...     records = prepared.read("train", leads=["I", "II", "V2"])
        >>> records.ecg.shape, records.labels.shape
        ((16, 1000, 3), (16, 4))
    """
    check_file_format(file_format)
    ptbxl, data = Path(ptbxl).absolute(), check_folder_to_store(data)
    _check_folder(ptbxl)
    folds = folds_of_partitions(train_folds, dev_folds, test_folds)  # before there is a folder
    signal = Signal(tuple(leads), sampling_rate, samples_of(sampling_rate, seconds))
    if task is not None:
        check_task(task)
    elif keep_unlabelled:
        raise InputError(
            "keep_unlabelled: of a task; without one, a record without any class would be NORM"
        )
    rows = rows_of_ptb_xl(ptbxl, folds, task, keep_unlabelled, sampling_rate)
    how = {"on_bad_record": on_bad_record, "beam": beam, "file_format": file_format}
    if task is not None or signal != Signal():
        return store_rows(rows, data, signal, task, **how)
    builder = Builder(
        rows=rows,
        reader=ECGReader(ptbxl, scratch=data / SCRATCH),
        data_dir=data,
        train_folds=train_folds,
        dev_folds=dev_folds,
        test_folds=test_folds,
        **how,
    )
    store(builder, data, ptbxl)
    return PreparedRecords(data)


def prepare_table(
    table: str | os.PathLike,
    data: str | os.PathLike,
    *,
    classes: Sequence[str] | None = None,
    split: str | None = None,
    seed: int = 42,
    train_folds: str = DEFAULT_FOLDS["train"],
    dev_folds: str = DEFAULT_FOLDS["dev"],
    test_folds: str = DEFAULT_FOLDS["test"],
    leads: Sequence[str] = LEADS,
    sampling_rate: int = SAMPLING_RATE,
    seconds: float = _SECONDS,
    reading: Mapping[str, object] | None = None,
    data_set: str | None = None,
    on_bad_record: str = "fail",
    beam: Beam | None = None,
    file_format: str = "tfrecord",
) -> PreparedRecords:
    r"""Read the records of a table and store them.

    Each record is resampled if its sampling rate differs, cut to its first `seconds`, and rounded
    to whole microvolt. From 1000 records on, one new process per core reads them; a script that
    calls this function therefore needs the usual `if __name__ == "__main__":`. An interrupted
    preparation is resumed by calling it again: records that were read are not read again.

    Args:
        table: a CSV file with one row per record, see `ecg_tf.data.tables.rows.rows_of_table`.
        data: folder for the prepared records; it must not exist or be empty.
        classes: names of the classes, in order. Default: all.
        split: shares of the train, dev and test partitions, such as "0.8,0.1,0.1", for a table
            that has neither a column `fold` nor `partition`. All records of a patient are in the
            same partition. Default: "0.8,0.1,0.1".
        seed: seed of the split. Default: 42.
        train_folds: folds of the train partition, for a table with a column `fold`.
        dev_folds: folds of the dev partition.
        test_folds: folds of the test partition.
        leads: names of the leads to store. Default: all 12.
        sampling_rate: sampling rate of the stored ECGs, Hz. Default: 100.
        seconds: duration of the stored ECGs, s. Default: 10.
        reading: arguments of `ecg_tf.data.any_ecg.read_any` for files that do not state their
            sampling rate, unit or leads.
        data_set: name of the data set. Default: that of the folder of the table.
        on_bad_record: "fail" stops at the first record that cannot be used; "skip" leaves it out
            and lists it in the manifest. A row of the table that cannot be used is always an error.
        beam: see `prepare`.
        file_format: as in `prepare`.

    Returns:
        The `PreparedRecords`. Their `ecg_id` is the number of the row in the table.

    Raises:
        InputError: the table, a folder or an argument cannot be used, or another process is
            preparing records in `data`.
        RecordError: a record cannot be used and `on_bad_record` is "fail".

    Examples:
        >>> import pathlib, tempfile
        >>> import numpy as np
        >>> from ecg_tf.data.prepare import prepare_table
        >>> from ecg_tf.data.synthetic.simulator import simulate_ecg
        >>> from ecg_tf.leads import LEADS
        >>> rng = np.random.default_rng(0)
        >>> lines = ["record,patient,simulated,MI"]
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for k in range(20):
        ...         np.save(f"{folder}/{k}.npy", simulate_ecg(["MI"] * (k % 2), rng))
        ...         lines.append(f"{k}.npy,patient {k},1,{k % 2}")
        ...     table = pathlib.Path(folder) / "table.csv"
        ...     _ = table.write_text("\n".join(lines))
        ...     reading = {"sampling_rate": 100, "unit": "mV", "lead_names": LEADS}
        ...     prepared = prepare_table(table, f"{folder}/data", reading=reading)
        ...     records = prepared.read("train")
        >>> prepared.class_names, records.ecg.shape, int(records.labels.sum())
        (('MI',), (16, 1000, 3), 8)
    """
    check_file_format(file_format)
    data = check_folder_to_store(data)
    samples = samples_of(sampling_rate, seconds)
    signal = Signal(tuple(leads), sampling_rate, samples, reading or {})
    folds = folds_of_partitions(train_folds, dev_folds, test_folds)
    rows = rows_of_table(
        table, folds=folds, classes=classes, split=split, seed=seed, data_set=data_set
    )
    return store_rows(
        rows, data, signal, on_bad_record=on_bad_record, beam=beam, file_format=file_format
    )


def store_rows(
    rows: Rows, data: Path, signal: Signal, task: str | None = None, **how: object
) -> PreparedRecords:
    """Read the records of a data set and store them; see `prepare_table`."""
    builder = EcgRecords(
        rows=rows,
        reader=ECGReader(rows.table.parent, signal, data / SCRATCH),
        signal=signal,
        task=task,
        data_dir=data,
        **how,
    )
    store(builder, data, rows.table.parent)
    return PreparedRecords(data)


def samples_of(sampling_rate: int, seconds: float) -> int:
    """Return a number of samples; it must be whole, and `Signal` checks its range."""
    samples = round(seconds * sampling_rate)
    if samples != seconds * sampling_rate:
        raise InputError(
            f"seconds {seconds:g}: {seconds * sampling_rate:g} samples at {sampling_rate} Hz, "
            "expected a whole number"
        )
    return samples


def _check_folder(ptbxl: Path) -> None:
    found = None
    if not ptbxl.exists():
        found = "no such folder"
    elif not ptbxl.is_dir():
        found = "a file"
    elif not any(ptbxl.iterdir()):
        found = "an empty folder"
    if found:
        raise InputError(f"{ptbxl}: {found}, expected a PTB-XL folder")
