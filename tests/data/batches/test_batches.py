import numpy as np
import pytest

from ecg_tf.data.batches import array_batches
from ecg_tf.data.batches.batches import evaluation_batches, training_batches
from ecg_tf.data.batches.examples import ECGs, Images, steps_per_epoch
from ecg_tf.data.batches.mixup import mixup
from ecg_tf.data.images.pyts_images import ecg_image
from ecg_tf.data.sources import open_partition
from ecg_tf.errors import RecordError
from ecg_tf.input_spec import InputSpec


@pytest.fixture(scope="module")
def records(prepared):
    return prepared.read("train")


def epoch(batches, steps):
    """Return the ecgs of an epoch, record by record."""
    return np.concatenate([x for x, _ in batches.take(steps).as_numpy_iterator()])


def test_epoch_holds_every_record_once_with_its_labels(records):
    source = ECGs(records)
    steps = steps_per_epoch(source, 7)
    batches = list(training_batches(source, 7, seed=1).take(steps).as_numpy_iterator())
    assert [len(x) for x, _ in batches[:-1]] == [7] * (steps - 1)
    seen = {x.tobytes(): y.tolist() for batch in batches for x, y in zip(*batch, strict=True)}
    true = {x.tobytes(): y.tolist() for x, y in zip(records.ecg, records.labels, strict=True)}
    assert seen == true


def test_each_epoch_has_its_own_order_fixed_by_the_seed(records):
    source = ECGs(records)
    steps = steps_per_epoch(source, 16)

    def orders(seed):
        both = training_batches(source, 16, seed)
        return epoch(both, steps), epoch(both.skip(steps), steps)

    (first, second), again, other = orders(1), orders(1), orders(2)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, records.ecg)
    np.testing.assert_array_equal(first, again[0])
    np.testing.assert_array_equal(second, again[1])
    assert not np.array_equal(first, other[0])


def test_both_kinds_of_batches_have_the_same_order(records):
    source = ECGs(records)
    steps = steps_per_epoch(source, 16)
    batches = training_batches(source, 16, seed=5, first_epoch=1)
    arrays = array_batches.training_batches(source, 16, seed=5, first_epoch=1)
    for number in (0, 1):
        order = np.random.default_rng([5, 1 + number]).permutation(len(records))
        np.testing.assert_array_equal(
            epoch(batches.skip(number * steps), steps), records.ecg[order]
        )
        found = [arrays[number * steps + k][0] for k in range(steps)]
        np.testing.assert_array_equal(np.concatenate(found), records.ecg[order])


@pytest.mark.parametrize("alpha", [None, 0.4])
def test_resumed_run_has_the_same_batches(records, alpha):
    source = ECGs(records)
    steps = steps_per_epoch(source, 16)
    uninterrupted = epoch(training_batches(source, 16, 3, alpha=alpha).skip(2 * steps), steps)
    resumed = epoch(training_batches(source, 16, 3, first_epoch=2, alpha=alpha), steps)
    np.testing.assert_array_equal(resumed, uninterrupted)


def test_mixed_batches_are_those_of_mixup(records):
    source = ECGs(records)
    plain, mixed = (
        next(iter(training_batches(source, 16, 3, alpha=alpha).as_numpy_iterator()))
        for alpha in (None, 0.4)
    )
    for x, y in zip(plain, mixed, strict=True):
        assert x.shape == y.shape
    expected = mixup(*plain, 0.4, (3, 0, 0))
    for found, by_hand in zip(mixed, expected, strict=True):
        np.testing.assert_array_equal(found, by_hand)


def test_evaluation_keeps_the_order(records):
    x = np.concatenate([x for x, _ in evaluation_batches(ECGs(records), 7).as_numpy_iterator()])
    np.testing.assert_array_equal(x, records.ecg)


def test_pyts_images_have_static_shapes_and_grey_levels(prepared_folder, prepared):
    spec = InputSpec("image", ("II", "V1"), image_size=64)
    part = open_partition(prepared_folder, "dev", spec, image_backend="pyts")
    batches = evaluation_batches(part.source, 4)
    assert batches.element_spec[0].shape.as_list() == [None, 64, 64, 6]
    assert batches.element_spec[1].shape.as_list() == [None, 4]
    images, labels = next(batches.as_numpy_iterator())
    assert images.dtype == labels.dtype == np.float32
    records = prepared.read("dev", ("II", "V1"))
    expected = [ecg_image(ecg, ("II", "V1"), size=64) for ecg in records.ecg[:4]]
    np.testing.assert_allclose(images, np.stack(expected) / 255, atol=1e-7)
    np.testing.assert_array_equal(labels, records.labels[:4])


def test_batches_hold_the_golden_images(golden):
    """The images are computed by pyts inside py_function, from raw ecgs."""
    inputs = golden("inputs")
    ecg = inputs["signal_uv"][:, :, [0, 1, 7]].astype(np.float32) / 1000
    source = Images(inputs["labels"], lambda k: ecg_image(ecg[k], ("I", "II", "V2")), (256, 256, 9))
    images = next(evaluation_batches(source, 8).as_numpy_iterator())[0]
    expected = inputs["images"].transpose(0, 2, 3, 1)
    levels = np.rint(images * 255).astype(int)
    assert (levels != expected).mean() <= 1e-5
    assert np.abs(levels - expected).max() <= 1


def test_cache_computes_each_image_once(prepared_folder, tmp_path, monkeypatch):
    made = []

    def count(*args):
        made.append(args[4])  # the record's name
        return ecg_image(*args)

    monkeypatch.setattr("ecg_tf.data.sources.ecg_image", count)
    spec = InputSpec("image", ("I",), image_size=32)
    part = open_partition(prepared_folder, "dev", spec, image_backend="pyts", image_cache=tmp_path)
    first, again = (list(evaluation_batches(part.source, 4).as_numpy_iterator()) for _ in range(2))
    assert len(made) == len(set(made)) == len(part.source)
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a[0], b[0])


def test_error_inside_py_function_is_raised_unchanged():
    def fail(k):
        raise RecordError(f"record {k}: lead II is flat")

    source = Images(np.zeros((3, 4), np.uint8), fail, (8, 8, 3))
    with pytest.raises(RecordError, match=r"record \d: lead II is flat"), source.clear_errors():
        list(evaluation_batches(source, 1))


def test_flat_lead_is_reported_for_images_made_by_layers(
    prepared_folder, prepared, caplog, monkeypatch
):
    records = prepared.read("dev", ("I", "II"))
    records.ecg[2, :, 1] = 0.3
    monkeypatch.setattr("ecg_tf.data.prepared.PreparedRecords.read", lambda *_: records)
    with caplog.at_level("WARNING"):
        open_partition(prepared_folder, "dev", InputSpec("image", ("I", "II")))
    assert f"ecg_id {records.ecg_id[2]}: lead II is flat" in caplog.text
