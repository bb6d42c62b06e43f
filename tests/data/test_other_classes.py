"""Prepared and packed records with other classes, leads, sampling rates and lengths."""

import hashlib
import json

import numpy as np
import pytest
import tensorflow as tf

from ecg_tf.data.packed import PackedRecords, pack
from ecg_tf.data.prepared import PreparedRecords
from ecg_tf.data.sources import open_partition
from ecg_tf.errors import InputError
from ecg_tf.input_spec import InputSpec

CLASSES, LEADS, RATE, SAMPLES = ["A", "B"], ["I", "V5"], 250, 1000
LABELS = np.array([[1, 0], [0, 1], [1, 1], [0, 0]], np.uint8)


def example(ecg, label, number, partition):
    def whole(*values):
        return tf.train.Feature(int64_list=tf.train.Int64List(value=values))

    features = {
        "ecg": tf.train.Feature(bytes_list=tf.train.BytesList(value=[ecg.tobytes()])),
        "labels": whole(*label),
        "age": tf.train.Feature(float_list=tf.train.FloatList(value=[50.0])),
        "ecg_id": whole(number),
        "patient_id": whole(number),
        "sex": whole(0),
        "fold": whole({"train": 1, "dev": 9}[partition]),
    }
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


@pytest.fixture(scope="module")
def ecgs():
    """{partition: whole microvolt in millivolt, float32 (4, 1000, 2)}."""
    random = np.random.default_rng(0)
    drawn = {name: random.integers(-2000, 2000, (4, SAMPLES, 2)) for name in ("train", "dev")}
    return {name: values.astype(np.float32) / np.float32(1000) for name, values in drawn.items()}


@pytest.fixture(scope="module")
def data(ecgs, tmp_path_factory):
    """A data set of two classes and two leads of 4 s at 250 Hz, written without ecg_tf."""
    data = tmp_path_factory.mktemp("other")
    folder = data / "ptb_xl/1.0.0"
    folder.mkdir(parents=True)
    splits = []
    for name, ecg in ecgs.items():
        with tf.io.TFRecordWriter(str(folder / f"ptb_xl-{name}.tfrecord-00000-of-00001")) as file:
            for k, one in enumerate(ecg):
                file.write(example(one, LABELS[k], k, name))
        splits.append({"name": name, "shardLengths": ["4"]})
    nothing = hashlib.sha256().hexdigest()
    manifest = {
        "data_set": "two classes",
        "class_names": CLASSES,
        "lead_names": LEADS,
        "sampling_rate": RATE,
        "samples": SAMPLES,
        "folds": {"train": [1], "dev": [9], "test": []},
        "rows": {
            "database": 8,
            "fold_not_used": 0,
            "no_superclass": {"train": 0, "dev": 0, "test": 0},
        },
        "bad_records": [],
        "simulated_records": 8,
        "ecg_sha256": {
            **{name: hashlib.sha256(ecg.tobytes()).hexdigest() for name, ecg in ecgs.items()},
            "test": nothing,
        },
    }
    (folder / "metadata.json").write_text(json.dumps(manifest))
    (folder / "dataset_info.json").write_text(json.dumps({"splits": splits}))
    return data


@pytest.fixture(scope="module")
def packed(data, tmp_path_factory):
    file = tmp_path_factory.mktemp("packed") / "other.npz"
    pack(data, file)
    return file


def test_prepared_records_have_their_own_classes_leads_and_rate(data, ecgs):
    prepared = PreparedRecords(data)
    assert (prepared.class_names, prepared.sampling_rate, prepared.samples) == (
        ("A", "B"),
        250,
        1000,
    )
    records = prepared.read("train", ["V5", "I"])
    np.testing.assert_array_equal(records.ecg, ecgs["train"][:, :, [1, 0]], strict=True)
    np.testing.assert_array_equal(records.labels, LABELS, strict=True)
    np.testing.assert_array_equal(prepared.labels("dev"), LABELS, strict=True)


def test_packing_keeps_them(data, packed):
    ours, theirs = PackedRecords(packed), PreparedRecords(data)
    assert (ours.class_names, ours.sampling_rate, ours.samples) == (("A", "B"), 250, 1000)
    for name in ("train", "dev"):
        for array in ("ecg", "labels", "ecg_id"):
            np.testing.assert_array_equal(
                getattr(ours.read(name, LEADS), array),
                getattr(theirs.read(name, LEADS), array),
                strict=True,
            )


def test_partition_states_classes_rate_and_samples(data, packed):
    spec = InputSpec("signal", leads=("I", "V5"), sampling_rate=RATE, samples=SAMPLES)
    for source in (data, packed):
        part = open_partition(source, "train", spec)
        assert (part.class_names, part.sampling_rate, part.samples) == (("A", "B"), 250, 1000)
        assert part.source.shape == (1000, 2)
        with pytest.raises(InputError, match="classes A, B; NORM can be a class only of MI, STTC"):
            open_partition(source, "train", spec, norm_class=True)


def test_lead_that_was_not_prepared_is_named(data, packed):
    for opened, word in ((PreparedRecords(data), "prepared"), (PackedRecords(packed), "packed")):
        with pytest.raises(InputError, match=f"{word} without II, V2; it has I, V5"):
            opened.read("dev", ["I", "II", "V2"])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("class_names", []),
        ("class_names", ["A", "A"]),
        ("class_names", ["A\n", "B"]),
        ("lead_names", ["V5", "I"]),
        ("lead_names", ["I", "V9"]),
        ("data_set", ""),
        ("sampling_rate", 99),
        ("sampling_rate", "250"),
        ("samples", 624),
        ("samples", None),
        ("class_codes", ["A", "B"]),
        ("class_codes", {"A": 3, "B": ["D"]}),
        ("class_codes", {"A": "C", "B": ["D"]}),
        ("class_codes", {"A": [], "B": ["D"]}),
        ("class_codes", {"A": ["C"], "B": ["D", "C"]}),
        ("class_codes", {"A": ["C"]}),
        ("class_codes", {"A": ["C"], "B": ["D"], "E": ["F"]}),
    ],
)
def test_manifest_out_of_range_is_named(data, tmp_path, key, value):
    from ecg_tf.data.checks import check_manifest

    manifest = json.loads((data / "ptb_xl/1.0.0/metadata.json").read_text())
    check_manifest(manifest, "m")
    with pytest.raises(InputError, match=rf"^m: .*{key}"):
        check_manifest({**manifest, key: value}, "m")
