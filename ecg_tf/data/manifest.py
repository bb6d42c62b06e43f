"""The manifest of a preparation, as TFDS stores it."""

import collections
import csv
from pathlib import Path

import tensorflow_datasets as tfds

from ecg_tf.data.partitions import PARTITIONS
from ecg_tf.data.prepared import BAD_RECORDS

_MOST_LISTED = 1000


class Manifest(tfds.core.MetadataDict):
    """Metadata of a dataset that lists at most 1000 of the records that could not be used.

    If there are more, `bad_counts` is their number in each partition, and all of them are in
    bad_records.csv beside metadata.json.
    """

    def save_metadata(self, data_dir):
        bad = self["bad_records"]
        if len(bad) > _MOST_LISTED:
            with (Path(data_dir) / BAD_RECORDS).open("w", encoding="utf-8", newline="") as file:
                table = csv.DictWriter(file, list(bad[0]), lineterminator="\n")
                table.writeheader()
                table.writerows(bad)
            counts = collections.Counter(entry["partition"] for entry in bad)
            self["bad_counts"] = {name: counts[name] for name in PARTITIONS}
            self["bad_records"] = bad[:_MOST_LISTED]
        super().save_metadata(data_dir)
