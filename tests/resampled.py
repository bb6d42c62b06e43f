"""Prepared records at another sampling rate and of another length."""

import dataclasses

import numpy as np

from ecg_tf.data.ecg_files.resample import resample
from ecg_tf.data.prepared import PreparedRecords
from ecg_tf.leads import DEFAULT_LEADS


class ResampledRecords(PreparedRecords):
    """Prepared records as if they had been prepared at another sampling rate and length.

    Args:
        data: folder of prepared records of 10 s at 100 Hz.
        sampling_rate: Hz.
        samples: number of samples, at most 10 s.
    """

    def __init__(self, data, sampling_rate, samples):
        super().__init__(data)
        self.manifest = {**self.manifest, "sampling_rate": sampling_rate, "samples": samples}

    def read(self, partition, leads=DEFAULT_LEADS):
        records = super().read(partition, leads)
        rate, samples = self.manifest["sampling_rate"], self.manifest["samples"]
        ecg = np.stack([resample(one, 100, rate)[:samples] for one in records.ecg])
        return dataclasses.replace(records, ecg=ecg.astype(np.float32))


def resampled_data(monkeypatch, sampling_rate, samples):
    """Let all prepared records have another sampling rate and length."""
    for module in ("data.sources", "training.networks", "training.seen"):
        monkeypatch.setattr(
            f"ecg_tf.{module}.open_records",
            lambda data: ResampledRecords(data, sampling_rate, samples),
        )
