"""Data sets: PTB-XL's tables, prepared and packed records, pickles of the study, image trees."""

import pickle
import tempfile
from pathlib import Path

import numpy as np

from ecg_tf.leads import DEFAULT_LEADS
from fuzz.case import OPEN, SEALED, Kind

_RECORDS = 40  # records of the PTB-XL folder, with every class in each partition
_LABELS = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0]], np.uint8)
_PROCESSED = ("X_dev_processed.pickle", "y_dev_processed.pickle")


def _make_tables(folder):
    from ecg_tf.data.synthetic import write_folder

    with tempfile.TemporaryDirectory() as whole:
        write_folder(Path(whole) / "ptbxl", records=_RECORDS)
        for table in Path(whole, "ptbxl").glob("*.csv"):
            (folder / table.name).write_bytes(table.read_bytes())


def _read_tables():
    from ecg_tf.data.ptb_xl.tables import read_tables

    folds = {"train": range(1, 9), "dev": (9,), "test": (10,)}
    return [repr(part) for part in read_tables(Path.cwd(), folds)]


def _make_prepared(folder):
    from ecg_tf.data.prepare import prepare
    from ecg_tf.data.synthetic import write_folder

    with tempfile.TemporaryDirectory() as ptbxl:
        write_folder(Path(ptbxl) / "ptbxl", records=_RECORDS)
        prepare(Path(ptbxl) / "ptbxl", folder / "data")


def _make_packed(folder):
    from ecg_tf.data.packed import pack

    with tempfile.TemporaryDirectory() as scratch:
        _make_prepared(Path(scratch))
        pack(Path(scratch) / "data", folder / "data.npz")


def _read_records(data):
    """Read everything in prepared or packed records."""
    from ecg_tf.data.sources import open_partition
    from ecg_tf.input_spec import InputSpec

    found = []
    for partition in ("train", "dev", "test"):
        part = open_partition(data, partition, InputSpec("signal"))
        records = part.records
        found += [part.class_names, part.simulated, part.ecg_sha256, records.ecg, records.labels]
        found += [records.ecg_id, records.patient_id, records.age, records.sex, records.fold]
        found.append(records.statements)
    return found


def _make_processed(folder):
    ecg = np.random.default_rng(0).normal(size=(len(_LABELS), 1000, 12)).astype(np.float32)
    for file, content in zip(_PROCESSED, (ecg, _LABELS.tolist()), strict=True):
        (folder / file).write_bytes(pickle.dumps(content))


def _read_processed():
    from ecg_tf.data.study_pickles import read_processed

    records = read_processed(".", "dev", DEFAULT_LEADS)
    return [records.ecg, records.labels, records.ecg_sha256]


def _make_image_tree(folder):
    from ecg_tf.data.images.create_images import create_images
    from ecg_tf.input_spec import InputSpec

    with tempfile.TemporaryDirectory() as scratch:
        _make_processed(Path(scratch))
        create_images(
            "dev",
            folder,
            InputSpec("image", channels=("gaf", "rp"), image_size=32),
            processed=scratch,
            image_backend="keras",
        )


def _read_image_tree():
    from ecg_tf.data.images.image_tree import ImageTree

    tree = ImageTree(".", "dev")
    return [repr(tree.description), tree.labels, *(tree.read(k) for k in range(len(tree)))]


KINDS = (
    Kind("tables", _make_tables, _read_tables, files={"*.csv": OPEN}, names=("ecg_id",), share=1.5),
    Kind("processed", _make_processed, _read_processed, files={"*.pickle": OPEN}, share=1.5),
    Kind(
        "image_tree",
        _make_image_tree,
        _read_image_tree,
        files={"dev/*/*": OPEN, "dev/images.json": OPEN},
        names=("dev",),
        share=2.0,
    ),
    Kind("packed", _make_packed, lambda: _read_records("data.npz"), files={"data.npz": OPEN}),
    Kind(
        "prepared",
        _make_prepared,
        lambda: _read_records("data"),
        files={"data/**/*.tfrecord-*": SEALED, "data/**/*.json": OPEN},
        names=("data",),
        share=0.7,
    ),
)
