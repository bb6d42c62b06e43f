"""Running a TFDS builder so that a folder holds a finished dataset or none."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import tensorflow_datasets as tfds
from absl import logging

from ecg_tf.data.prepared import DATASETS
from ecg_tf.data.records_builder import RecordsBuilder
from ecg_tf.errors import InputError
from ecg_tf.files import locked
from ecg_tf.places import writing

SCRATCH = ".reading"  # folder of the ECGs that an interrupted preparation has read


def check_folder_to_store(data: str | os.PathLike) -> Path:
    """Return the absolute path of a folder, or raise an InputError if a file is in its place."""
    data = Path(data).absolute()
    if data.exists() and not data.is_dir():
        raise InputError(f"{data}: already in use, expected a missing or empty folder")
    return data


def store(builder: RecordsBuilder, data: Path, manual_dir: Path) -> None:
    """Write the records of a builder to its folder.

    The records become readable in one step at the end. The files of an interrupted preparation are
    not a dataset, and the next preparation removes them, except for the ECGs in `SCRATCH`. Only one
    process at a time can write to a folder.

    Args:
        builder: the builder, its `data_dir` is `data`.
        data: the folder; it must not exist or be empty.
        manual_dir: TFDS's manual directory.

    Raises:
        InputError: the folder is in use or cannot be written.
        RecordError: a record cannot be used.
    """
    with locked(data, "preparing records"):
        _remove_leftovers(data)
        if any(file.name != SCRATCH for file in data.iterdir()):
            raise InputError(f"{data}: already in use, expected a missing or empty folder")
        try:
            with writing(data), builder.reading():
                _build(builder, manual_dir)
            shutil.rmtree(data / SCRATCH, ignore_errors=True)
        finally:
            _remove_leftovers(data)


def _build(builder: RecordsBuilder, manual_dir: Path) -> None:
    """Run the builder without the output of TFDS."""
    tfds.disable_progress_bar()  # the builder has its own
    with (
        tempfile.TemporaryDirectory() as nothing,  # TFDS needs a folder for downloads
        contextlib.redirect_stdout(io.StringIO()),  # and reports a download of unknown size
        _quiet_tfds(),
    ):
        config = tfds.download.DownloadConfig(manual_dir=manual_dir)
        if builder.beam is None:
            builder.download_and_prepare(download_dir=nothing, download_config=config)
            return
        config.beam_options = builder.beam.pipeline_options()
        with builder.beam.running():
            builder.download_and_prepare(download_dir=nothing, download_config=config)


@contextlib.contextmanager
def _quiet_tfds() -> Iterator[None]:
    """Silence the log of TFDS, which absl shows in every command."""
    verbosity = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)


def _remove_leftovers(data: Path) -> None:
    """Remove the temporary folders of TFDS that an interrupted preparation left behind."""
    for dataset in DATASETS:
        for leftover in data.glob(f"{dataset}/incomplete.*_[0-9]*.[0-9]*.[0-9]*"):
            shutil.rmtree(leftover)
        with contextlib.suppress(OSError):  # missing, or not empty
            (data / dataset).rmdir()
