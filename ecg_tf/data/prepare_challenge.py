"""Preparing a folder of the PhysioNet/CinC Challenges 2020 and 2021."""

import os
from collections.abc import Sequence
from pathlib import Path

from ecg_tf.beam import Beam
from ecg_tf.data.challenge.rows import rows_of_challenge
from ecg_tf.data.description import check_file_format
from ecg_tf.data.partitions import DEFAULT_FOLDS, folds_of_partitions
from ecg_tf.data.prepare import samples_of, store_rows
from ecg_tf.data.prepared import PreparedRecords
from ecg_tf.data.store import check_folder_to_store
from ecg_tf.data.tables.stored_ecg import Signal
from ecg_tf.leads import LEADS, SAMPLES, SAMPLING_RATE


def prepare_challenge(
    challenge: str | os.PathLike,
    data: str | os.PathLike,
    *,
    class_set: str = "scored",
    keep_unlabelled: bool = False,
    split: str | None = None,
    seed: int = 42,
    leads: Sequence[str] = LEADS,
    sampling_rate: int = SAMPLING_RATE,
    seconds: float = SAMPLES / SAMPLING_RATE,
    data_set: str | None = None,
    on_bad_record: str = "fail",
    beam: Beam | None = None,
    file_format: str = "tfrecord",
) -> PreparedRecords:
    """Read the records in a folder of the challenge and store them.

    The classes are those of the SNOMED CT codes in the headers. The headers do not name patients,
    so that two records of a patient may be in different partitions.

    Args:
        challenge: the folder; records in the folders below it are read, too.
        data: folder for the prepared records; it must not exist or be empty.
        class_set: "scored" for the 26 classes that the challenge scores, with equivalent codes as
            one, or "superclasses" for MI, STTC, CD and HYP.
        keep_unlabelled: True to keep records without a class of the set.
        split: shares of the train, dev and test partitions. Default: "0.8,0.1,0.1".
        seed: seed of the split. Default: 42.
        leads: see `ecg_tf.data.prepare.prepare_table`.
        sampling_rate: Hz, see `ecg_tf.data.prepare.prepare_table`.
        seconds: see `ecg_tf.data.prepare.prepare_table`.
        data_set: name of the data set. Default: that of the folder.
        on_bad_record: "fail" or "skip", see `ecg_tf.data.prepare.prepare_table`.
        beam: see `ecg_tf.data.prepare.prepare`.
        file_format: see `ecg_tf.data.prepare.prepare`.

    Returns:
        The `PreparedRecords`. Their `ecg_id` counts the headers in the order of their paths.

    Raises:
        InputError: a folder, a header or an argument cannot be used.
        RecordError: a record cannot be used and `on_bad_record` is "fail".

    Examples:
        >>> import pathlib, tempfile
        >>> import numpy as np
        >>> import wfdb
        >>> from ecg_tf.data.prepare_challenge import prepare_challenge
        >>> how = {"fs": 100, "units": ["mV"], "sig_name": ["II"], "fmt": ["16"]}
        >>> how |= {"adc_gain": [1000.0], "baseline": [0], "comments": ["Dx: 426783006,164889003"]}
        >>> wave = np.rint(1000 * np.sin(np.arange(1000) / 9))[:, None].astype(np.int16)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for k in range(4):
        ...         wfdb.wrsamp(f"A{k}", d_signal=wave, write_dir=folder, **how)
        ...     data = pathlib.Path(folder) / "data"
        ...     prepared = prepare_challenge(folder, data, split="0.5,0.5,0", leads=["II"])
        ...     labels = prepared.labels("train")
        >>> labels.shape, int(labels.sum())  # AF and NSR in each record
        ((2, 26), 4)
    """
    check_file_format(file_format)
    data = check_folder_to_store(data)
    signal = Signal(tuple(leads), sampling_rate, samples_of(sampling_rate, seconds))
    rows = rows_of_challenge(
        Path(challenge),
        class_set=class_set,
        keep_unlabelled=keep_unlabelled,
        folds=folds_of_partitions(*DEFAULT_FOLDS.values()),
        split=split,
        seed=seed,
        data_set=data_set,
        skip_bad=on_bad_record == "skip",
    )
    return store_rows(
        rows, data, signal, on_bad_record=on_bad_record, beam=beam, file_format=file_format
    )
