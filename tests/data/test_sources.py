import numpy as np
import pytest

from ecg_tf.data.image_tree import ImageCache
from ecg_tf.data.pipeline import evaluation_batches
from ecg_tf.data.sources import open_partition
from ecg_tf.errors import InputError

LABELS = np.array([[0, 1, 0, 0], [0, 0, 0, 0]], np.uint8)


def image_tree(folder, class_names=("MI", "STTC", "CD", "HYP")):
    cache = ImageCache(folder, "dev", LABELS, leads=("I",), channels=("rp",), size=4,
                       class_names=class_names, simulated=True, ecg_sha256=None,
                       image_backend="pyts")  # fmt: skip
    for k in range(len(LABELS)):
        cache.write(k, np.full((4, 4, 1), k, np.uint8))
    return folder


def test_records_have_norm_as_a_class_where_it_is_asked_for(prepared_folder, prepared):
    part = open_partition(prepared_folder, "dev", leads=("I",), takes="signal", norm_class=True)
    expected = prepared.labels("dev")
    norm = expected.sum(axis=1) == 0
    assert 0 < norm.sum() < len(norm)
    assert part.class_names == ("MI", "STTC", "CD", "HYP", "NORM")
    _, labels = next(evaluation_batches(part.source, len(norm)).as_numpy_iterator())
    np.testing.assert_array_equal(labels, np.column_stack([expected, norm]))


def test_an_image_tree_has_it_likewise(tmp_path):
    options = {"leads": ("I",), "channels": ("rp",), "image_size": 4}
    part = open_partition(image_tree(tmp_path), "dev", **options, norm_class=True)
    images, labels = next(evaluation_batches(part.source, 2).as_numpy_iterator())
    assert images.shape == (2, 4, 4, 1)
    assert labels.tolist() == [[0, 1, 0, 0, 0], [0, 0, 0, 0, 1]]
    assert len(open_partition(tmp_path, "dev", **options).class_names) == 4


def test_norm_of_other_classes_is_refused(tmp_path):
    tree = image_tree(tmp_path, class_names=("A", "B", "C", "D"))
    with pytest.raises(InputError, match="classes A, B, C, D; NORM can be a class only of MI, "):
        open_partition(tree, "dev", leads=("I",), channels=("rp",), image_size=4, norm_class=True)
