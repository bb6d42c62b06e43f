"""Turn a PTB-XL folder into prepared records."""

import contextlib
import io
import shutil
import tempfile
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
    ptbxl,
    data,
    *,
    train_folds=DEFAULT_FOLDS["train"],
    dev_folds=DEFAULT_FOLDS["dev"],
    test_folds=DEFAULT_FOLDS["test"],
    on_bad_record="fail",
):
    """Read every record of a PTB-XL folder and store those with a superclass below `data`.

    The records become readable at the very end, in one step: what an interrupted preparation left
    behind is no dataset, and the next one removes it. Only one process at a time prepares records
    in a folder.

    Args:
        ptbxl: a PTB-XL folder (ptbxl_database.csv, scp_statements.csv, records100/).
        data: where the prepared records go; missing or empty.
        train_folds: folds of the train partition, as text: "1-8" or "1,2,5-7".
        dev_folds: folds of the dev partition.
        test_folds: folds of the test partition.
        on_bad_record: "fail" stops at the first record that cannot be used, "skip" goes on
            without it and lists it in the manifest. A row of the database that cannot be used
            (no fold, no dict of SCP codes …) always stops.

    Returns:
        The `PreparedRecords`.

    Raises:
        InputError: anything about the folders or the flags that cannot be used; another process
            that is preparing records in `data`.
        RecordError: the first bad record, unless they are skipped.
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


def _build(builder, ptbxl):
    """Run the builder without what TFDS says meanwhile."""
    tfds.disable_progress_bar()  # the builder's own bar knows the total
    with (
        tempfile.TemporaryDirectory() as nothing,  # TFDS wants a folder for downloads
        contextlib.redirect_stdout(io.StringIO()),  # and talks of a download of unknown size
        _quiet_tfds(),
    ):
        builder.download_and_prepare(
            download_dir=nothing,
            download_config=tfds.download.DownloadConfig(manual_dir=ptbxl),
        )


def format_summary(prepared):
    """A table of what became of every row of the database, and the skipped records by name."""
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
        "no superclass: dropped, none of the record's SCP codes is diagnostic",
    ]
    lines += [f"{name}: empty" for name in PARTITIONS if not len(counts[name])]
    if bad:
        lines.append(f"bad: {len(bad)} records left out")
        lines += [f"  ecg_id {entry['ecg_id']}: {entry['error']}" for entry in bad]
    if prepared.simulated:
        lines.append("SIMULATED ECGs, no patients' records")
    return "\n".join(lines)


@contextlib.contextmanager
def _quiet_tfds():
    """No remarks of TFDS on its own doings, which absl shows in every script."""
    verbosity = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)


def _check_folder(ptbxl):
    found = None
    if not ptbxl.exists():
        found = "no such folder"
    elif not ptbxl.is_dir():
        found = "a file"
    elif not any(ptbxl.iterdir()):
        found = "an empty folder"
    if found:
        raise InputError(f"{ptbxl}: {found}, expected a PTB-XL folder")


def _remove_leftovers(data):
    """Remove what an interrupted preparation left (TFDS's own folder names), and only that."""
    for leftover in data.glob(f"{Builder.name}/incomplete.*_{Builder.VERSION}"):
        shutil.rmtree(leftover)
    with contextlib.suppress(OSError):  # missing, or not empty
        (data / Builder.name).rmdir()
