"""The TFDS dataset `ecg_records`: ECGs of any classes, leads, sampling rate and length."""

import hashlib

import numpy as np
import tensorflow_datasets as tfds

from ecg_tf.data.manifest import Manifest
from ecg_tf.data.records_builder import RecordsBuilder

_MOST_REPEATED = 1000  # pairs that the manifest lists


class EcgRecords(RecordsBuilder, skip_registration=True):
    """Builder of `ecg_records`.

    It is not registered, because it can only be made with the records that it stores. `tfds.load`
    reads a finished dataset from its files.

    `info.metadata` is the manifest of the preparation. In addition to the entries of
    `ecg_tf.data.ptb_xl.Builder` it has the name of the data set, the sampling rate and the number
    of samples of the ecgs, the number of records by the sampling rate of their files, the number of
    records with computed leads, and pairs of records in different partitions with the same ecg; for
    PTB-XL, the task and the SCP codes of its classes, if these are groups of codes.

    Args:
        signal: the `Signal` that the reader makes of its ECGs.
        task: name of the task of PTB-XL that the classes belong to. Default: none.
        **kwargs: arguments of `RecordsBuilder` and of every TFDS builder (`data_dir`, …).
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "Any classes, leads, sampling rate and length."}  # noqa: RUF012

    def __init__(self, *, signal, task=None, **kwargs):
        self._signal, self._task = signal, task
        self._seen = {}  # {hash of an ecg: partition and ecg_id of the first record with it}
        super().__init__(**kwargs)

    def _info(self):
        signal, rows = self._signal, self._rows
        features = self._features(signal.samples, len(signal.leads), len(rows.class_names))
        features["record"] = tfds.features.Text()  # path of the record below its folder
        features["columns"] = tfds.features.Text()  # JSON, the other columns of the table
        if rows.statement_names is not None:
            features["statements"] = tfds.features.Tensor(shape=(None,), dtype=np.uint8)
        return tfds.core.DatasetInfo(
            builder=self,
            description=f"ECGs of {rows.data_set}, prepared by ecg_tf.",
            features=tfds.features.FeaturesDict(features),
            metadata=Manifest(),
            disable_shuffling=True,  # keep the order of the table
        )

    def _split_generators(self, dl_manager):
        rows, signal = self._rows, self._signal
        manifest = {
            "data_set": rows.data_set,
            "class_names": list(rows.class_names),
            "lead_names": list(signal.leads),
            "sampling_rate": signal.sampling_rate,
            "samples": signal.samples,
            "folds": {name: list(folds) for name, folds in rows.folds.items()},
            "rows": rows.counts,
            "recorded_rates": {},
            "derived": 0,
            "repeated": [],
        }
        if rows.statement_names is not None:
            manifest["statement_names"] = list(rows.statement_names)
        if self._task is not None:
            manifest["task"] = self._task
        if rows.class_codes is not None:
            manifest["class_codes"] = rows.class_codes
        return self._splits(manifest)

    def _count(self, row, read, ecg):
        manifest = self.info.metadata
        rates = manifest["recorded_rates"]
        rate = f"{read.sampling_rate:g}"
        rates[rate] = rates.get(rate, 0) + 1
        manifest["derived"] += read.derived
        ecg = hashlib.blake2b(ecg.tobytes(), digest_size=8).digest()
        partition, ecg_id = self._seen.setdefault(ecg, (row.partition, row.ecg_id))
        if partition != row.partition and len(manifest["repeated"]) < _MOST_REPEATED:
            manifest["repeated"].append(sorted((ecg_id, row.ecg_id)))
