"""Converting a PTB-XL folder to prepared records."""

import contextlib
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import tensorflow_datasets as tfds
from absl import logging

from ecg_tf.data.partitions import DEFAULT_FOLDS, PARTITIONS, folds_of_partitions
from ecg_tf.data.prepared import PreparedRecords
from ecg_tf.data.ptb_xl import Builder
from ecg_tf.errors import InputError
from ecg_tf.files import locked
from ecg_tf.places import writing


def prepare(
    ptbxl: str | os.PathLike,
    data: str | os.PathLike,
    *,
    train_folds: str = DEFAULT_FOLDS["train"],
    dev_folds: str = DEFAULT_FOLDS["dev"],
    test_folds: str = DEFAULT_FOLDS["test"],
    on_bad_record: str = "fail",
) -> PreparedRecords:
    """Read a PTB-XL folder and store all records that have a superclass.

    The records become readable in one step at the end. The files of an interrupted preparation are
    not a dataset, and the next preparation removes them. Only one process at a time can prepare
    records in a folder.

    Args:
        ptbxl: a PTB-XL folder (ptbxl_database.csv, scp_statements.csv, records100/).
        data: folder for the prepared records; it must not exist or be empty.
        train_folds: folds of the train partition, a text such as "1-8" or "1,2,5-7".
        dev_folds: folds of the dev partition.
        test_folds: folds of the test partition.
        on_bad_record: "fail" stops at the first record that cannot be used; "skip" leaves it out
            and lists it in the manifest. A row of the database that cannot be used (no fold, no SCP
            codes, …) is always an error.

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
    ptbxl, data = Path(ptbxl).absolute(), Path(data).absolute()
    _check_folder(ptbxl)
    folds = {"train_folds": train_folds, "dev_folds": dev_folds, "test_folds": test_folds}
    folds_of_partitions(*folds.values())  # before there is a folder
    if data.exists() and not data.is_dir():
        raise InputError(f"{data}: already in use, expected a missing or empty folder")
    with locked(data, "preparing records"):
        _remove_leftovers(data)
        if any(data.iterdir()):
            raise InputError(f"{data}: already in use, expected a missing or empty folder")
        builder = Builder(data_dir=data, on_bad_record=on_bad_record, **folds)
        try:
            with writing(data):
                _build(builder, ptbxl)
        finally:
            _remove_leftovers(data)
    return PreparedRecords(data)


def _build(builder: Builder, ptbxl: Path) -> None:
    """Run the builder without the output of TFDS."""
    tfds.disable_progress_bar()  # the builder has its own
    with (
        tempfile.TemporaryDirectory() as nothing,  # TFDS needs a folder for downloads
        contextlib.redirect_stdout(io.StringIO()),  # and reports a download of unknown size
        _quiet_tfds(),
    ):
        builder.download_and_prepare(
            download_dir=nothing,
            download_config=tfds.download.DownloadConfig(manual_dir=ptbxl),
        )


def format_summary(prepared: PreparedRecords) -> str:
    """Format a table of the partitions and classes, and a list of the skipped records."""
    manifest = prepared.manifest
    rows, folds = manifest["rows"], manifest["folds"]
    bad = sorted(manifest["bad_records"], key=lambda entry: entry["ecg_id"])
    table = pd.DataFrame(index=PARTITIONS)
    table["folds"] = [",".join(map(str, folds[name])) for name in PARTITIONS]
    counts = {name: prepared.labels(name) for name in PARTITIONS}
    table["records"] = [len(counts[name]) for name in PARTITIONS]
    for k, label in enumerate(manifest["class_names"]):
        table[label] = [int(counts[name][:, k].sum()) for name in PARTITIONS]
    table["NORM"] = [int((counts[name].sum(axis=1) == 0).sum()) for name in PARTITIONS]
    table["no superclass"] = [rows["no_superclass"][name] for name in PARTITIONS]
    table["bad"] = [sum(entry["partition"] == name for entry in bad) for name in PARTITIONS]
    lines = [
        f"{rows['database']} rows in the database, {rows['fold_not_used']} in a fold not used",
        table.to_string(),
        "no superclass: dropped, because none of the record's SCP codes is diagnostic",
    ]
    lines += [f"{name}: empty" for name in PARTITIONS if not len(counts[name])]
    if bad:
        lines.append(f"bad: {len(bad)} records left out")
        lines += [f"  ecg_id {entry['ecg_id']}: {entry['error']}" for entry in bad]
    if prepared.simulated:
        lines.append("SIMULATED ECGs, not records of patients")
    return "\n".join(lines)


@contextlib.contextmanager
def _quiet_tfds() -> Iterator[None]:
    """Silence the log of TFDS, which absl shows in every command."""
    verbosity = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)


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


def _remove_leftovers(data: Path) -> None:
    """Remove the temporary folders of TFDS that an interrupted preparation left behind."""
    for leftover in data.glob(f"{Builder.name}/incomplete.*_{Builder.VERSION}"):
        shutil.rmtree(leftover)
    with contextlib.suppress(OSError):  # missing, or not empty
        (data / Builder.name).rmdir()
