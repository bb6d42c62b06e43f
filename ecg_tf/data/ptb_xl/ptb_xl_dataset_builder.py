"""The TFDS dataset `ptb_xl`: PTB-XL at 100 Hz with the four diagnostic classes."""

from pathlib import Path

import numpy as np
import tensorflow_datasets as tfds

from ecg_tf.data.ecg_files.wfdb_record import read_record, standard_ecg
from ecg_tf.data.labels import CLASSES
from ecg_tf.data.partitions import DEFAULT_FOLDS, folds_of_partitions
from ecg_tf.data.ptb_xl.tables import DATABASE, STATEMENTS, read_tables
from ecg_tf.data.records_builder import RecordsBuilder
from ecg_tf.errors import InputError, RecordError
from ecg_tf.files import check_inside
from ecg_tf.leads import LEADS, SAMPLES, SAMPLING_RATE


class Builder(RecordsBuilder):
    """Builder of `ptb_xl`. The PTB-XL folder is TFDS's manual directory.

    `info.metadata` is the manifest of the preparation: the folds of each partition; the names of
    the classes, SCP statements and leads; the number of rows in the database, and of dropped rows
    by reason; the records that could not be used; the number of simulated records; and the SHA-256
    of the ecgs of each split.

    Args:
        train_folds: folds of the train split, a text such as "1-8" or "1,2,5-7".
        dev_folds: folds of the dev split.
        test_folds: folds of the test split. A split without records is omitted.
        **kwargs: arguments of `RecordsBuilder` and of every TFDS builder (`data_dir`, …).
    """

    VERSION = tfds.core.Version("1.1.0")
    RELEASE_NOTES = {  # noqa: RUF012 (required by TFDS)
        "1.0.0": "12 leads, 100 Hz, four classes.",
        "1.1.0": "SCP statements.",
    }
    MANUAL_DOWNLOAD_INSTRUCTIONS = f"""
    Download PTB-XL from PhysioNet (https://physionet.org/content/ptb-xl/, version 1.0.1 or 1.0.3);
    the manual directory is the folder with {DATABASE}, {STATEMENTS} and records100/.
    """

    def __init__(
        self,
        *,
        train_folds=DEFAULT_FOLDS["train"],
        dev_folds=DEFAULT_FOLDS["dev"],
        test_folds=DEFAULT_FOLDS["test"],
        **kwargs,
    ):
        self._folds = folds_of_partitions(train_folds, dev_folds, test_folds)
        super().__init__(**kwargs)

    def _info(self):
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    **self._features(SAMPLES, len(LEADS), len(CLASSES)),
                    # 1 for each code in the record's scp_codes, of any likelihood; the manifest's
                    # statement_names are the codes, all of scp_statements.csv
                    "statements": tfds.features.Tensor(shape=(None,), dtype=np.uint8),
                }
            ),
            homepage="https://physionet.org/content/ptb-xl/",
            metadata=tfds.core.MetadataDict(),
            disable_shuffling=True,  # keep the order of the database
        )

    def _split_generators(self, dl_manager):
        folder = Path(dl_manager.manual_dir)
        rows, counts, statement_names, _ = read_tables(folder, self._folds)
        manifest = {
            "class_names": list(CLASSES),
            "statement_names": statement_names,
            "lead_names": list(LEADS),
            "sampling_rate": SAMPLING_RATE,
            "folds": {name: list(folds) for name, folds in self._folds.items()},
            "rows": counts,
        }
        self._folder = folder
        wanted = "a superclass and a chosen fold"
        return self._splits(rows, manifest, folder / DATABASE, wanted)

    def _ecgs(self, rows):
        for row in rows:
            try:
                record = read_record(_record_path(self._folder, row), name=row.record)
                read = standard_ecg(record), record.simulated
            except RecordError as error:
                read = error
            yield read


def _record_path(folder, row):
    """Return the path of a row's record, after checking that no link leads out of the folder."""
    for ending in (".hea", ".dat"):
        file = folder / (row.record + ending)
        try:
            check_inside(folder, file, row.record + ending)
        except InputError as error:
            raise RecordError(str(error)) from error
    return folder / row.record
