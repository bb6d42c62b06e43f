"""Labels softened by what finished runs answer."""

import dataclasses

import keras
import numpy as np
import pytest
from eager import train
from untrained import untrained_run

from ecg_tf.data.images.create_images import create_images
from ecg_tf.errors import InputError
from ecg_tf.input_spec import InputSpec
from ecg_tf.layers import ECGImage, ECGSignal
from ecg_tf.training.teachers import Teacher, softened_labels

pytestmark = pytest.mark.usefixtures("eagerly")

CLASSES = ("MI", "STTC", "CD", "HYP")


@pytest.fixture(scope="module")
def run(run_of_few_units):
    return run_of_few_units


@pytest.fixture(scope="module")
def wide_run(tmp_path_factory):
    """A GRU of two leads, which its students do not use."""
    folder = tmp_path_factory.mktemp("runs") / "wide"
    return untrained_run(folder, "gru", leads=("V6", "V1"), hidden_size=4, num_layers=1)


def by_hand(run, preprocessor, leads, prepared):
    ecg = prepared.read("train", leads).ecg
    logits = keras.saving.load_model(run.model_file)(preprocessor(ecg))
    return 1 / (1 + np.exp(-np.asarray(logits, np.float64)))


def test_labels_are_mixed_with_the_teachers_mean(run, wide_run, prepared, prepared_folder):
    labels = prepared.labels("train")
    teachers = [Teacher(one.path, prepared_folder, CLASSES) for one in (run, wide_run)]
    found = softened_labels(labels, teachers, 0.3)
    mean = (
        by_hand(run, ECGImage(size=67), list(run.input_spec.leads), prepared)
        + by_hand(wide_run, ECGSignal(), ("V6", "V1"), prepared)
    ) / 2
    np.testing.assert_allclose(found, 0.3 * mean + 0.7 * labels, atol=1e-5)
    assert found.dtype == np.float32
    assert np.abs(found - labels).max() > 0.1


def test_classes_of_a_teacher_are_matched_by_name(wide_run, prepared_folder):
    found = Teacher(wide_run.path, prepared_folder, CLASSES).predict()
    swapped = Teacher(wide_run.path, prepared_folder, ("CD", "MI")).predict()
    np.testing.assert_array_equal(swapped, found[:, [2, 0]])


def test_training_uses_the_softened_labels(signal_settings, wide_run, prepared, tmp_path):
    """With a tiny learning rate, the loss is that of the initial network on the softened labels."""
    settings = dataclasses.replace(
        signal_settings,
        augment=False,
        window_seconds=None,
        learning_rate=1e-9,
        batch_size=len(prepared.labels("train")),
        teacher_runs=[str(wide_run.path)],
        teacher_share=0.8,
        path_save_model=str(tmp_path / "student"),
    )
    student = train(settings)
    p = by_hand(student, ECGSignal(), list(student.input_spec.leads), prepared)
    labels = prepared.labels("train")
    weight = (1 - labels.mean(axis=0)) / labels.mean(axis=0)
    taught = by_hand(wide_run, ECGSignal(), ("V6", "V1"), prepared)
    y = 0.8 * taught + 0.2 * labels
    loss = -(weight * y * np.log(p) + (1 - y) * np.log1p(-p)).mean()
    assert student.history()["loss"][0] == pytest.approx(loss, rel=1e-4)
    assert student.metadata.pos_weight == pytest.approx(weight)
    assert student.metadata.teachers == [{"model": "gru", "leads": ["V6", "V1"]}]
    assert student.flags["teacher_runs"] == str(wide_run.path)


def test_an_unusable_teacher_is_refused(small_settings, run, tmp_path):
    settings = dataclasses.replace(small_settings, path_save_model=str(tmp_path / "r"))
    for change, message in (
        ({"teacher_runs": ["no/run"]}, "no/run: no run folder"),
        (
            {"teacher_runs": [str(run.path)], "norm_class": True},
            r"teacher_runs .*small: predicts MI, STTC, CD, HYP, expected NORM as well",
        ),
    ):
        with pytest.raises(InputError, match=message):
            train(dataclasses.replace(settings, **change))
        assert not (tmp_path / "r").exists()


def test_a_signal_teacher_of_an_image_tree_is_refused(wide_run, prepared_folder, tmp_path):
    create_images(
        "train",
        tmp_path,
        InputSpec("image", image_size=8),
        data=prepared_folder,
        image_backend="keras",
    )
    with pytest.raises(InputError, match=r"teacher_runs .*wide: .*: an image tree, but the netw"):
        Teacher(wide_run.path, tmp_path, CLASSES)
