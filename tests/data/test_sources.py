"""What of some data a network is fed, and that it is what the network takes."""

import dataclasses
import json

import numpy as np
import pytest

from ecg_tf.data.batches.batches import evaluation_batches
from ecg_tf.data.images.image_cache import ImageCache
from ecg_tf.data.images.image_files import write_image
from ecg_tf.data.sources import open_partition
from ecg_tf.errors import InputError
from ecg_tf.input_spec import InputSpec

SPEC = InputSpec("image", ("I",), channels=("rp",), image_size=4)
LABELS = np.array([[0, 1, 0, 0], [0, 0, 0, 0]], np.uint8)


def image_tree(folder, class_names=("MI", "STTC", "CD", "HYP")):
    cache = ImageCache(folder, "dev", LABELS, leads=("I",), channels=("rp",), size=4,
                       class_names=class_names, simulated=True, ecg_sha256=None,
                       image_backend="pyts")  # fmt: skip
    for k in range(len(LABELS)):
        cache.write(k, np.full((4, 4, 1), k, np.uint8))
    return folder


def test_records_have_norm_as_a_class_if_requested(prepared_folder, prepared):
    part = open_partition(prepared_folder, "dev", InputSpec("signal", ("I",)), norm_class=True)
    expected = prepared.labels("dev")
    norm = expected.sum(axis=1) == 0
    assert 0 < norm.sum() < len(norm)
    assert part.class_names == ("MI", "STTC", "CD", "HYP", "NORM")
    _, labels = next(evaluation_batches(part.source, len(norm)).as_numpy_iterator())
    np.testing.assert_array_equal(labels, np.column_stack([expected, norm]))


def test_image_tree_has_norm_as_a_class_if_requested(tmp_path):
    part = open_partition(image_tree(tmp_path), "dev", SPEC, norm_class=True)
    images, labels = next(evaluation_batches(part.source, 2).as_numpy_iterator())
    assert images.shape == (2, 4, 4, 1)
    assert labels.tolist() == [[0, 1, 0, 0, 0], [0, 0, 0, 0, 1]]
    assert len(open_partition(tmp_path, "dev", SPEC).class_names) == 4


def test_norm_of_other_classes_is_refused(tmp_path):
    tree = image_tree(tmp_path, class_names=("A", "B", "C", "D"))
    with pytest.raises(InputError, match="classes A, B, C, D; NORM can be a class only of MI, "):
        open_partition(tree, "dev", SPEC, norm_class=True)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("scaling", "millivolt"),
        ("band_pass", "causal Butterworth of order 3, 0.5-40 Hz"),
        ("sampling_rate", 500),
        ("samples", 5000),
    ],
)
def test_tree_of_another_method_is_refused(tmp_path, name, found):
    path = image_tree(tmp_path) / "dev/images.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), name: found}))
    with pytest.raises(InputError, match=f"its images have {name} {found}, expected "):
        open_partition(tmp_path, "dev", SPEC)


def test_older_tree_is_read_as_one_of_the_study(tmp_path):
    path = image_tree(tmp_path) / "dev/images.json"
    about = json.loads(path.read_text())
    for name in ("scaling", "band_pass", "sampling_rate", "samples"):
        del about[name]
    path.write_text(json.dumps(about))
    assert len(open_partition(tmp_path, "dev", SPEC).source) == 2
    with pytest.raises(InputError, match="its images have scaling record, expected millivolt"):
        open_partition(tmp_path, "dev", dataclasses.replace(SPEC, scaling="millivolt"))


def test_tree_without_a_description_has_the_scaling_of_the_study(tmp_path):
    (image_tree(tmp_path) / "dev/images.json").unlink()
    for k in range(2):
        write_image(tmp_path / "dev", k, np.zeros((4, 4, 9), np.uint8), LABELS[k])
    with pytest.raises(InputError, match="its images have scaling record, expected millivolt"):
        open_partition(tmp_path, "dev", InputSpec("image", image_size=4, scaling="millivolt"))


def test_pyts_does_not_support_images_in_millivolt(prepared_folder):
    spec = InputSpec("image", ("I",), scaling="millivolt")
    with pytest.raises(InputError, match="scaling millivolt: image_backend pyts supports scaling"):
        open_partition(prepared_folder, "dev", spec, image_backend="pyts")


def test_table_of_records_is_to_be_prepared_first(tmp_path):
    (tmp_path / "table.csv").write_text("record,A\na,1\n")
    with pytest.raises(InputError, match=r"table.csv: a CSV file; prepare the records of a table"):
        open_partition(tmp_path / "table.csv", "dev", SPEC)
