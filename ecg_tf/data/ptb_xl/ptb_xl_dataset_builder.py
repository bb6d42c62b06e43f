"""The TFDS dataset `ptb_xl`: PTB-XL at 100 Hz with the four diagnostic classes."""

from pathlib import Path

import numpy as np
import tensorflow_datasets as tfds

from ecg_tf.data.labels import CLASSES
from ecg_tf.data.manifest import Manifest
from ecg_tf.data.partitions import DEFAULT_FOLDS, folds_of_partitions
from ecg_tf.data.ptb_xl.rows import rows_of_ptb_xl
from ecg_tf.data.ptb_xl.tables import DATABASE, STATEMENTS
from ecg_tf.data.records_builder import RecordsBuilder
from ecg_tf.data.tables.read_ecgs import ECGReader
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
        rows: the `Rows` of the folder. Default: read from its tables.
        reader: the `ECGReader` of the folder. Default: one that reads in this process.
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
        rows=None,
        reader=None,
        **kwargs,
    ):
        self._folds = folds_of_partitions(train_folds, dev_folds, test_folds)
        super().__init__(rows=rows, reader=reader, **kwargs)

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
            metadata=Manifest(),
            disable_shuffling=True,  # keep the order of the database
        )

    def _split_generators(self, dl_manager):
        folder = Path(dl_manager.manual_dir)
        self._rows = self._rows or rows_of_ptb_xl(folder, self._folds)
        self._reader = self._reader or ECGReader(folder)
        manifest = {
            "class_names": list(CLASSES),
            "statement_names": list(self._rows.statement_names),
            "lead_names": list(LEADS),
            "sampling_rate": SAMPLING_RATE,
            "folds": self._rows.folds,
            "rows": self._rows.counts,
        }
        return self._splits(manifest)
