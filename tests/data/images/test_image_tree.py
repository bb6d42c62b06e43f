"""Image trees: written trees are read, and damaged ones are errors that name the damage."""

import json

import numpy as np
import pytest
import tifffile

from ecg_tf.data.images.image_cache import ImageCache
from ecg_tf.data.images.image_tree import ImageTree, is_image_tree
from ecg_tf.errors import InputError
from ecg_tf.leads import LEADS
from ecg_tf.preprocessing import CHANNELS

ABOUT = {
    "leads": ("I", "V2"),
    "channels": ("gaf", "rp"),
    "size": 8,
    "class_names": ("MI", "STTC", "CD", "HYP"),
    "simulated": True,
    "ecg_sha256": "abc",
    "image_backend": "pyts",
}
RECORDS = 5
LABELS = np.random.default_rng(1).integers(0, 2, (RECORDS, 4), np.uint8)
IMAGES = np.random.default_rng(2).integers(0, 256, (RECORDS, 8, 8, 4), np.uint8)


@pytest.fixture
def tree(tmp_path):
    """A finished tree with a train partition."""
    fill(ImageCache(tmp_path / "tree", "train", LABELS, **ABOUT), range(RECORDS))
    return tmp_path / "tree"


@pytest.fixture
def original(tmp_path):
    """A tree of the study's code: without images.json, with 9 channels."""
    folder = tmp_path / "tree/dev"
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True)
    for k in range(3):
        tifffile.imwrite(folder / f"images/{k}.tif", np.full((9, 16, 16), k, np.uint8))
        np.save(folder / f"labels/{k}.npy", LABELS[k].astype(np.int64))
    return tmp_path / "tree"


def fill(cache, numbers):
    for k in numbers:
        cache.write(k, IMAGES[k])


def test_written_tree_is_read(tree):
    found = ImageTree(f"{tree}/", "train")
    assert len(found) == RECORDS
    np.testing.assert_array_equal(found.labels, LABELS)
    assert found.labels.dtype == np.uint8
    for k in range(RECORDS):
        np.testing.assert_array_equal(found.read(k), IMAGES[k])
    for name in ("leads", "channels", "size", "class_names", "simulated"):
        assert getattr(found, name) == ABOUT[name]
    assert found.description.ecg_sha256 == "abc"
    assert found.description.records == RECORDS


def test_files_are_those_of_the_study(tree):
    image = tifffile.imread(tree / "train/images/3.tif")
    assert (image.shape, image.dtype) == ((4, 8, 8), np.uint8)
    np.testing.assert_array_equal(image, np.moveaxis(IMAGES[3], -1, 0))
    label = np.load(tree / "train/labels/3.npy")
    assert (label.shape, label.dtype) == ((4,), np.uint8)
    assert {path.name for path in (tree / "train").iterdir()} == {"images", "labels", "images.json"}


@pytest.mark.parametrize(
    ("leads", "channels"),
    [(("I",), ("rp",)), (LEADS[:3], ("rp",)), (LEADS[:4], ("mtf",)), (LEADS, CHANNELS)],
)
def test_any_number_of_channels_is_stored(tmp_path, leads, channels):
    about, depth = {**ABOUT, "leads": leads, "channels": channels}, len(leads) * len(channels)
    cache = ImageCache(tmp_path, "test", LABELS[:1], **about)
    image = np.random.default_rng(depth).integers(0, 256, (8, 8, depth), np.uint8)
    cache.write(0, image)
    np.testing.assert_array_equal(ImageTree(tmp_path, "test").read(0), image)


def test_tree_of_the_study_has_its_leads_and_channels(original):
    found = ImageTree(original, "dev")
    assert (found.leads, found.channels) == (("I", "II", "V2"), ("gaf", "mtf", "rp"))
    assert (found.size, found.simulated, len(found)) == (16, False, 3)
    assert found.class_names == ("MI", "STTC", "CD", "HYP")
    assert found.labels.dtype == np.uint8
    np.testing.assert_array_equal(found.read(2), np.full((16, 16, 9), 2))


def test_tree_is_distinguished_from_other_folders(tree, original, tmp_path):
    assert is_image_tree(tree)
    assert is_image_tree(f"{original}/")
    assert not is_image_tree(tmp_path)
    assert not is_image_tree(tmp_path / "nothing")


def test_tree_may_be_filled_in_several_runs(tmp_path):
    first = ImageCache(tmp_path, "train", LABELS, **ABOUT)
    with pytest.raises(InputError, match=r"train: unfinished: 0 of 5 images"):
        ImageTree(tmp_path, "train")
    fill(first, [3, 0])
    assert [first.has(k) for k in range(RECORDS)] == [True, False, False, True, False]
    np.testing.assert_array_equal(first.read(3), IMAGES[3])
    with pytest.raises(InputError, match=r"train: unfinished: 2 of 5 images, .*/1\.tif is missing"):
        ImageTree(tmp_path, "train")

    second = ImageCache(tmp_path, "train", LABELS, **ABOUT)
    assert [second.has(k) for k in range(RECORDS)] == [True, False, False, True, False]
    fill(second, [1, 2, 4])
    assert len(ImageTree(tmp_path, "train")) == RECORDS


def test_image_without_its_label_is_not_finished(tmp_path):
    fill(ImageCache(tmp_path, "train", LABELS, **ABOUT), [0, 1])
    (tmp_path / "train/labels/1.npy").unlink()
    cache = ImageCache(tmp_path, "train", LABELS, **ABOUT)
    assert (cache.has(0), cache.has(1)) == (True, False)


@pytest.mark.parametrize(
    ("name", "value"),
    [("size", 16), ("leads", ("V2", "I")), ("ecg_sha256", "abd"), ("image_backend", "keras")],
)
def test_tree_of_other_images_is_not_continued(tree, name, value):
    with pytest.raises(InputError, match=rf"train: its images have {name} .*, expected "):
        ImageCache(tree, "train", LABELS, **{**ABOUT, name: value})


def test_tree_of_other_records_is_not_continued(tree):
    with pytest.raises(InputError, match="records 5, expected 4"):
        ImageCache(tree, "train", LABELS[:4], **ABOUT)
    other = LABELS.copy()
    other[2, 0] = 1 - other[2, 0]
    with pytest.raises(InputError, match=r"labels/2\.npy: .*expected a tree of the same records"):
        ImageCache(tree, "train", other, **ABOUT)


def test_tree_of_the_study_is_not_continued(original):
    with pytest.raises(InputError, match=r"dev: holds images but no images\.json"):
        ImageCache(original, "dev", LABELS, **ABOUT)


def write_tiff(path, array):
    tifffile.imwrite(path, array, photometric="minisblack")


@pytest.mark.parametrize(
    ("replace", "message"),
    [
        (lambda path: path.write_bytes(b""), "not a readable TIFF"),
        (lambda path: path.write_bytes(path.read_bytes()[:100]), "not a readable TIFF"),
        (lambda path: path.write_text("no picture"), "not a readable TIFF"),
        (lambda path: write_tiff(path, np.zeros((4, 9, 9), np.uint8)), r"\(4, 9, 9\), exp"),
        (lambda path: write_tiff(path, np.zeros((4, 8, 8), np.uint16)), "uint16"),
    ],
)
def test_damaged_image_is_named_when_it_is_read(tree, replace, message):
    replace(tree / "train/images/2.tif")
    found = ImageTree(tree, "train")
    found.read(1)
    with pytest.raises(InputError, match=rf"train/images/2\.tif: .*{message}"):
        found.read(2)


@pytest.mark.parametrize(
    "replace",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:40]),
        lambda path: np.save(path, np.zeros(5, np.uint8)),
        lambda path: np.save(path, np.array([0, 1, 2, 0])),
        lambda path: np.save(path, np.array([0, 1, np.nan, 0])),
        lambda path: np.save(path, np.array([{}, 1, 1, 1]), allow_pickle=True),
    ],
)
def test_bad_label_is_named_when_the_tree_is_opened(tree, replace):
    replace(tree / "train/labels/4.npy")
    with pytest.raises(InputError, match=r"train/labels/4\.npy: "):
        ImageTree(tree, "train")


@pytest.mark.parametrize(
    ("found", "lacking"), [("images/1.tif", "labels/1.npy"), ("labels/0.npy", "images/0.tif")]
)
def test_image_without_label_and_the_reverse_are_named(original, found, lacking):
    (original / "dev" / lacking).unlink()
    with pytest.raises(InputError, match=rf"{found}: without its {lacking}"):
        ImageTree(original, "dev")


@pytest.mark.parametrize("name", ["images/2.tif", "labels/2.npy"])
def test_lost_file_is_named(tree, name):
    (tree / "train" / name).unlink()
    with pytest.raises(
        InputError, match=rf"4 of 5 images, .*train/{name} is missing; run ecg_tf create"
    ):
        ImageTree(tree, "train")


def test_gap_in_the_numbers_is_named(original):
    (original / "dev/images/1.tif").unlink()
    (original / "dev/labels/1.npy").unlink()
    with pytest.raises(InputError, match=r"images/1\.tif: missing; expected 2 images"):
        ImageTree(original, "dev")


def test_more_images_than_described_are_refused(tree):
    (tree / "train/images/5.tif").write_bytes((tree / "train/images/4.tif").read_bytes())
    np.save(tree / "train/labels/5.npy", LABELS[4])
    with pytest.raises(InputError, match=r"images/5\.tif: unexpected; expected 5 images"):
        ImageTree(tree, "train")


@pytest.mark.parametrize("name", ["images/07.tif", "images/a.tif", "labels/1 (copy).npy"])
def test_file_whose_name_is_not_a_number_is_named(tree, name):
    (tree / "train" / name).write_bytes(b"")
    with pytest.raises(InputError, match="expected 0"):
        ImageTree(tree, "train")


def test_hidden_files_are_ignored(tree):
    (tree / "train/images/._0.tif").write_bytes(b"")
    (tree / "train/images/.0123.tmp").write_bytes(b"")
    assert len(ImageTree(tree, "train")) == RECORDS


@pytest.mark.parametrize("content", ["{", "[]", '{"size": 8}'])
def test_damaged_description_is_named(tree, content):
    (tree / "train/images.json").write_text(content)
    with pytest.raises(
        InputError, match=r"train/images\.json: (cannot be read as JSON|not the desc|JSON, but)"
    ):
        ImageTree(tree, "train")


def test_missing_images_and_unknown_partition_are_errors(tree, tmp_path):
    with pytest.raises(InputError, match=r"tree/dev: no images"):
        ImageTree(tree, "dev")
    with pytest.raises(InputError, match="'val': expected train, dev, test"):
        ImageTree(tree, "val")


def test_description_is_readable_json(tree):
    entries = json.loads((tree / "train/images.json").read_text())
    assert entries == {**ABOUT, "leads": ["I", "V2"], "channels": ["gaf", "rp"],
                       "class_names": ["MI", "STTC", "CD", "HYP"], "records": RECORDS,
                       "scaling": "record", "band_pass": "causal Butterworth of order 2, 1-45 Hz",
                       "sampling_rate": 100, "samples": 1000}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("records", 10**9 + 1),
        ("records", True),
        ("records", 5.0),
        ("size", 0),
        ("size", 10**9),
        ("size", "8"),
        ("leads", []),
        ("leads", ["I", "I"]),
        ("leads", ["I", "../V2"]),
        ("leads", "III"),
        ("leads", {"I": 1, "V2": 2}),
        ("channels", ["gaf", "x"]),
        ("channels", [None, "rp"]),
        ("class_names", ["MI"] * 4),
        ("class_names", [1, 2, 3, 4]),
        ("class_names", 5),
        ("simulated", "false"),
        ("ecg_sha256", []),
        ("image_backend", "jax"),
        ("scaling", "volt"),
        ("sampling_rate", "100"),
        ("samples", -1),
        ("more", 1),
    ],
)
def test_invalid_description_is_refused(tree, name, value):
    path = tree / "train/images.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), name: value}))
    match = rf"images\.json: not the description of an image tree: .*{name}"
    with pytest.raises(InputError, match=match):
        ImageTree(tree, "train")
    with pytest.raises(InputError, match=match):
        ImageCache(tree, "train", LABELS, **ABOUT)


def test_billion_missing_records_are_reported_quickly(tree):
    path = tree / "train/images.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "records": 10**9}))
    with pytest.raises(InputError, match=r"5 of 1000000000 images, .*images/5\.tif is missing"):
        ImageTree(tree, "train")


@pytest.mark.parametrize("name", ["images/2.tif", "labels/2.npy", "images.json", "images"])
def test_link_that_leads_out_is_refused_before_it_is_read(tree, tmp_path, name):
    inside, outside = tree / "train" / name, tmp_path / "outside"
    inside.rename(outside)
    inside.symlink_to(outside)
    with pytest.raises(InputError, match=rf"train/{name}: leads out of .*tree"):
        ImageTree(tree, "train").read(2)


def test_no_file_is_written_through_a_link_that_leads_out(tree, tmp_path):
    outside = tmp_path / "outside"
    outside.write_bytes(b"mine")
    (tree / "train/images/2.tif").unlink()
    (tree / "train/images/2.tif").symlink_to(outside)
    (tree / "train/labels/2.npy").unlink()
    cache = ImageCache(tree, "train", LABELS, **ABOUT)
    with pytest.raises(InputError, match=r"images/2\.tif: leads out of"):
        fill(cache, [2])
    assert outside.read_bytes() == b"mine"


def test_links_within_a_tree_are_followed(tree):
    (tree / "train/images/2.tif").unlink()
    (tree / "train/images/2.tif").symlink_to("3.tif")
    np.testing.assert_array_equal(ImageTree(tree, "train").read(2), IMAGES[3])
    (tree.parent / "link").symlink_to(tree)
    np.testing.assert_array_equal(ImageTree(tree.parent / "link", "train").read(1), IMAGES[1])


@pytest.mark.parametrize("name", ["٣.tif", "²1.tif", "-1.tif", "0 .tif", "\x1b[2J.tif"])
def test_unusual_name_is_quoted(tree, name):
    (tree / "train/images" / name).write_bytes(b"")
    with pytest.raises(InputError) as caught:
        ImageTree(tree, "train")
    assert f"images: holds {name!r}, expected 0.tif, 1.tif, …" in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_hashes_of_the_ecgs_are_stored(tmp_path):
    hashes = np.array([5, 2**64 - 1, 0, 7, 2**63], np.uint64)
    cache = ImageCache(tmp_path, "train", LABELS, hashes, **ABOUT)
    fill(cache, range(RECORDS))
    np.testing.assert_array_equal(ImageTree(tmp_path, "train").ecg_hashes, hashes)
    (tmp_path / "train/hashes.npy").unlink()
    assert ImageTree(tmp_path, "train").ecg_hashes is None
    ImageCache(tmp_path, "train", LABELS, hashes, **ABOUT)  # adds them to an older tree
    np.testing.assert_array_equal(ImageTree(tmp_path, "train").ecg_hashes, hashes)
    (tmp_path / "train/images.json").rename(tmp_path / "lost.json")
    with pytest.raises(InputError, match=r"train/images\.json: missing, although hashes\.npy "):
        ImageTree(tmp_path, "train")
    (tmp_path / "lost.json").rename(tmp_path / "train/images.json")
    for bad in (hashes[:4], hashes.astype(np.int64)):
        np.save(tmp_path / "train/hashes.npy", bad)
        with pytest.raises(InputError, match=r"train/hashes\.npy: "):
            ImageTree(tmp_path, "train")
