"""Prepared and packed records that are damaged although all checksums are right."""

import io
import json
import os
import shutil
import zipfile

import numpy as np
import pytest
import tensorflow as tf

from ecg_tf.data.packed import PackedRecords
from ecg_tf.data.prepared import PreparedRecords
from ecg_tf.errors import InputError
from ecg_tf.leads import LEADS

SHARD = "ptb_xl-dev.tfrecord-00000-of-00001"


# Prepared records


@pytest.fixture
def data(prepared_folder, tmp_path):
    """A copy of the prepared records, for a test to damage."""
    return shutil.copytree(prepared_folder, tmp_path / "data")


def file_of(data, name):
    return data / "ptb_xl/1.1.0" / name


def test_pipe_in_place_of_records_does_not_block(data):
    shard = file_of(data, SHARD)
    shard.unlink()
    os.mkfifo(shard)
    with pytest.raises(InputError, match=rf"{SHARD}: missing or no regular file"):
        PreparedRecords(data).read("dev")


def change_json(path, change):
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content), "utf-8")


def change_examples(data, change):
    """Rewrite the dev partition: `change` takes its examples and returns others."""
    path = str(file_of(data, SHARD))
    found = [
        tf.train.Example.FromString(record.numpy()) for record in tf.data.TFRecordDataset(path)
    ]
    with tf.io.TFRecordWriter(path) as writer:
        for example in change(found):
            writer.write(example.SerializeToString())


def with_first(column, values):
    """Return a change of the first example: a new column, or None to remove the column."""

    def change(examples):
        features = examples[0].features.feature
        features[column].Clear()
        if values is None:
            del features[column]
        elif isinstance(values, bytes):
            features[column].bytes_list.value.append(values)
        else:
            kind = "float_list" if column == "age" else "int64_list"
            getattr(features[column], kind).value.extend(values)
        return examples

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda some: some[::-1], "differ from the prepared ones: their SHA-256"),
        (lambda some: [*some[:-1], some[0]], "differ from the prepared ones: their SHA-256"),
        (lambda some: some[:-1], "records, expected 17 whole ones"),
        (lambda some: [*some, some[0]], "records, expected 17 whole ones"),
        (with_first("ecg", np.full(12000, np.nan, np.float32).tobytes()), "their SHA-256"),
        (with_first("ecg", bytes(24000)), "record 1 has "),
        (with_first("ecg", bytes(48004)), "an ecg of another size than 1000 x 12"),
        (with_first("labels", [7, 0, 0, 0]), "labels of its dev partition: 7, expected 0 or 1"),
        (with_first("labels", [1, 0, 0, 0, 1]), "damaged: "),
        (with_first("labels", None), "damaged: "),
        (with_first("statements", [1, 0, 1]), "damaged: "),
        (with_first("statements", [300] * 11), "damaged: "),
        (with_first("ecg_id", [-5]), "ecg_id of its dev partition: -5, expected 0 to"),
        (with_first("ecg_id", [2**40]), "damaged: ecg_id of "),
        (with_first("sex", [9]), "sex of its dev partition: 9, expected 0, 1 or -1"),
        (with_first("age", [-50.0]), "age of its dev partition: -50.0, expected 0 to 300"),
        (with_first("fold", [77]), "fold of its dev partition: 77, expected 1 to 10"),
        (with_first("fold", [3]), "fold 3 in its dev partition, expected [9]"),
    ],
)
def test_records_other_than_the_prepared_ones_are_refused(data, change, message):
    size = PreparedRecords(data).size("dev")
    change_examples(data, change)
    with pytest.raises(InputError) as error:
        PreparedRecords(data).read("dev")
    assert message.replace("17", str(size)) in str(error.value)
    assert str(data) in str(error.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-1],
        lambda content: content + b"\0" * 16,
        lambda content: b"\xff" * 8 + content[8:],
        lambda content: content[:5000] + bytes([content[5000] ^ 1]) + content[5001:],
        lambda content: b"",
    ],
)
def test_damaged_files_of_records_are_refused(data, change):
    path = file_of(data, SHARD)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(InputError, match=SHARD):
        PreparedRecords(data).read("dev")


@pytest.mark.parametrize("name", [SHARD, "dataset_info.json", "metadata.json"])
def test_links_out_of_the_data_are_refused(data, tmp_path, name):
    file_of(data, name).unlink()
    (tmp_path / "secret").write_text("root:x:0:0")
    file_of(data, name).symlink_to(tmp_path / "secret")
    with pytest.raises(InputError, match=f"{name}: leads out of .*; expected a file in"):
        PreparedRecords(data).read("dev")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("shardLengths", ["1000000000000"]),
        ("shardLengths", ["-1"]),
        ("shardLengths", None),
        ("shardLengths", ["1", "2"]),
        ("filepathTemplate", "../../../../secret"),
        ("name", "train"),
        ("name", "../x"),
    ],
)
def test_description_that_names_other_files_is_refused(data, key, value):
    path = file_of(data, "dataset_info.json")
    change_json(path, lambda content: content["splits"][1].update({key: value}))
    with pytest.raises(InputError, match=str(path.parent)):
        PreparedRecords(data).read("dev")


def test_class_named_in_a_file_is_not_imported(data, prepared):
    """TFDS would import and call the class; ecg_tf knows the features without it."""
    file_of(data, "features.json").write_text('{"pythonClassName": "antigravity.Tensor"}')
    np.testing.assert_array_equal(
        PreparedRecords(data).read("dev").ecg, prepared.read("dev").ecg, strict=True
    )


MANIFESTS = [
    ("class_names", ["MI", "STTC", "CD"]),
    ("class_names", ["MI", "MI", "CD", "HYP"]),
    ("class_names", "MISC"),
    ("lead_names", list(LEADS)[::-1]),
    ("statement_names", ["NORM", "NORM"]),
    ("folds", {"train": [1]}),
    ("folds", {"train": [1], "dev": [11], "test": [2]}),
    ("rows", None),
    ("bad_records", [None]),
    ("simulated_records", -1),
    ("simulated_records", float("nan")),
    ("simulated_records", True),
    ("simulated_records", 5),
    ("ecg_sha256", {}),
    ("ecg_sha256", {"train": "0" * 64, "dev": "0" * 64, "test": "x"}),
]


@pytest.mark.parametrize(("key", "value"), MANIFESTS)
def test_invalid_manifest_of_prepared_records_is_refused(data, key, value):
    change_json(file_of(data, "metadata.json"), lambda content: content.update({key: value}))
    with pytest.raises(InputError, match=r"metadata.json: |simulated records, expected none, or"):
        PreparedRecords(data)


def test_statements_without_names_are_refused(data):
    change_json(file_of(data, "metadata.json"), lambda content: content.pop("statement_names"))
    with pytest.raises(InputError, match=r"metadata.json: no statement_names, expected"):
        PreparedRecords(data)


def test_records_of_version_1_0_0_have_no_statements(data, prepared):
    """Version 1.0.0 has neither the names of statements nor their column."""
    change_json(file_of(data, "metadata.json"), lambda content: content.pop("statement_names"))
    file_of(data, "").rename(data / "ptb_xl/1.0.0")
    records = PreparedRecords(data).read("dev")
    assert records.statements is None
    np.testing.assert_array_equal(records.ecg, prepared.read("dev").ecg, strict=True)


def test_missing_partition_is_noticed(data):
    path = file_of(data, "dataset_info.json")
    change_json(path, lambda content: content["splits"].pop(1))
    with pytest.raises(InputError, match="0 records in its dev partition, which contradicts"):
        PreparedRecords(data)


# Packed records


def rewritten(packed_file, out, members):
    """Copy the archive with changed members: {name: bytes, or None to remove it}."""
    with zipfile.ZipFile(packed_file) as old, zipfile.ZipFile(out, "w") as new:
        for name in [*old.namelist(), *(set(members) - set(old.namelist()))]:
            content = members[name] if name in members else old.read(name)
            if content is not None:
                new.writestr(name, content)
    return out


def npy(array):
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


def header(text):
    """Return a .npy file with a header and only a few bytes of data."""
    return b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text.encode() + bytes(6000)


def described(descr, shape):
    return header(f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n")


@pytest.fixture
def spoilt(packed_file, tmp_path):
    """A function that takes a member of the packed records and a change of its array.

    It returns the changed file, without hashes, as in files of older versions.
    """

    def make(member, change):
        with np.load(packed_file) as arrays:
            content = npy(change(arrays[member]))
        members = {f"{member}.npy": content, "sha256.json": None}
        return rewritten(packed_file, tmp_path / "data.npz", members)

    return make


@pytest.mark.parametrize(
    ("member", "change"),
    [
        ("dev/ecg/II", lambda a: a[:-1]),
        ("dev/ecg/II", lambda a: a[:1]),
        ("dev/ecg/II", lambda a: a[0, 0]),
        ("dev/ecg/II", lambda a: a[:, :-1]),
        ("dev/ecg/II", lambda a: a.T),
        ("dev/ecg/II", lambda a: a.astype(np.float32)),
        ("dev/ecg/II", lambda a: a * np.nan),
        ("dev/ecg/II", lambda a: a.astype("U4")),
        ("dev/labels", lambda a: a * 7 + 1),
        ("dev/labels", lambda a: a.astype(bool)),
        ("dev/labels", lambda a: a[:, :3]),
        ("dev/labels", lambda a: a[:, 0]),
        ("dev/labels", lambda a: a[:-1]),
        ("dev/statements", lambda a: a[:, :3]),
        ("dev/statements", lambda a: a + 7),
        ("dev/ecg_id", lambda a: a[:-1]),
        ("dev/ecg_id", lambda a: a * 0),
        ("dev/patient_id", lambda a: a[:, None]),
        ("dev/age", lambda a: a.astype("U8")),
        ("dev/sex", lambda a: a + 5),
        ("dev/fold", lambda a: a * 0 + 10),
    ],
)
def test_arrays_that_do_not_fit_each_other_are_refused(spoilt, member, change):
    file = spoilt(member, change)
    with pytest.raises(InputError) as error:
        PackedRecords(file).read("dev", LEADS)
    assert str(error.value).startswith(f"{file}: ")
    assert member.split("/")[1] in str(error.value) or member == "dev/labels"


def test_files_packed_without_hashes_are_read(spoilt, prepared):
    records = PackedRecords(spoilt("dev/ecg/II", lambda a: a)).read("dev", LEADS)
    np.testing.assert_array_equal(records.ecg, prepared.read("dev", LEADS).ecg, strict=True)


@pytest.mark.parametrize(
    ("member", "change"),
    [
        ("dev/ecg/II", lambda a: a ^ (np.arange(a.size).reshape(a.shape) == 7)),
        ("dev/ecg/II", lambda a: np.concatenate([a[:-1], a[:1]])),
        ("dev/age", lambda a: a + 1),
        ("dev/labels", lambda a: a[::-1]),
    ],
)
def test_members_other_than_the_packed_ones_are_refused(packed_file, tmp_path, member, change):
    with np.load(packed_file) as arrays:
        content = npy(change(arrays[member]))
    file = rewritten(packed_file, tmp_path / "data.npz", {f"{member}.npy": content})
    message = rf"{member}.npy: differs from the packed records: its SHA-256"
    with pytest.raises(InputError, match=message):
        PackedRecords(file).read("dev", LEADS)


@pytest.mark.parametrize(("key", "value"), [*MANIFESTS, ("ecg_sha256", None)])
def test_invalid_manifest_of_packed_records_is_refused(packed_file, tmp_path, key, value):
    with zipfile.ZipFile(packed_file) as file:
        manifest = json.loads(file.read("manifest.json"))
    content = json.dumps(manifest | {key: value}).encode()
    for members in ({"manifest.json": content}, {"manifest.json": content, "sha256.json": None}):
        if "sha256.json" in members and value == 5:
            continue  # cannot be noticed
        with pytest.raises(InputError, match=r"data.npz: manifest.json"):
            PackedRecords(rewritten(packed_file, tmp_path / "data.npz", members))


@pytest.mark.parametrize(
    ("member", "content"),
    [
        ("dev/labels", described("|u1", (10**9, 4))),
        ("dev/labels", described("|u1", (10**12, 4))),
        ("dev/ecg/II", described("<i2", (10**6, 1000))),
        ("dev/ecg/II", described("<i2", (2**62, 4))),
        ("dev/ecg/II", described("|O", (3, 1000))),
        ("dev/ecg/II", header("(" * 5000)),
        ("dev/ecg/II", header("{[]: 1}")),
        ("dev/ecg/II", header("    x\n y")),
        ("dev/ecg/II", b"\x93NUMPY\2\0\xff\xff\xff\xff"),
        ("dev/ecg/II", b"\x93NUMPY\x09\x09"),
        ("dev/ecg/II", b""),
    ],
)
def test_wrong_sizes_in_an_archive_are_refused(packed_file, tmp_path, member, content):
    members = {f"{member}.npy": content, "sha256.json": None}
    file = rewritten(packed_file, tmp_path / "data.npz", members)
    with pytest.raises(InputError, match=r"data.npz: .*" + member.split("/")[1]):
        PackedRecords(file).read("dev", LEADS)


def test_zip_bomb_is_refused_before_it_is_read(packed_file, tmp_path):
    """The manifest is 20 MB of spaces, compressed to 1 kB."""
    shutil.copy(packed_file, tmp_path / "data.npz")
    rewritten(packed_file, tmp_path / "data.npz", {"manifest.json": None, "sha256.json": None})
    with zipfile.ZipFile(tmp_path / "data.npz", "a", zipfile.ZIP_BZIP2) as file:
        file.writestr("manifest.json", b" " * 20_000_000)
    with pytest.raises(InputError, match=r"manifest.json: 20000000 bytes, expected at most"):
        PackedRecords(tmp_path / "data.npz")


@pytest.mark.parametrize(
    ("place", "value"), [(10, (99).to_bytes(2, "little")), (8, b"\1\0"), (6, b"\xe7\3")]
)
def test_unknown_kinds_of_zip_archives_are_refused(packed_file, tmp_path, place, value):
    """The directory states an unknown compression, an encryption or a later version."""
    content = bytearray(packed_file.read_bytes())
    start = content.find(b"PK\1\2")
    while start >= 0:
        content[start + place : start + place + len(value)] = value
        start = content.find(b"PK\1\2", start + 46)
    (tmp_path / "data.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"data.npz: not a file of packed records"):
        PackedRecords(tmp_path / "data.npz")


def test_repeated_member_is_refused(packed_file, tmp_path):
    shutil.copy(packed_file, tmp_path / "data.npz")
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(tmp_path / "data.npz", "a") as file,
    ):
        file.writestr("manifest.json", file.read("manifest.json"))
    with pytest.raises(InputError, match=r"data.npz: a member is repeated"):
        PackedRecords(tmp_path / "data.npz")


def test_path_that_is_not_a_file_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "none", "/dev/zero"):
        with pytest.raises(InputError, match="no such file, or no regular one"):
            PackedRecords(path)
