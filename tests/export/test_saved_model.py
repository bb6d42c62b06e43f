import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from study_path import study_answer, without_means
from untrained import untrained_run

from ecg_tf.data.prepared import PreparedRecords
from ecg_tf.data.sources import open_partition
from ecg_tf.errors import InputError
from ecg_tf.export.check import example_ecgs
from ecg_tf.export.export_run import export_run
from ecg_tf.export.runtimes import find_export, load_export
from ecg_tf.export.saved_model import write_saved_model
from ecg_tf.input_spec import InputSpec
from ecg_tf.layers import ECGImage
from ecg_tf.leads import LEADS
from ecg_tf.runs.ecg_classifier import ECGClassifier
from ecg_tf.runs.predict import predict_probabilities

# Runs in a process that can import TensorFlow and no ecg_tf, Keras or pyts.
_ASK = """
import sys
for name in ("ecg_tf", "keras", "pyts"):
    sys.modules[name] = None
import numpy as np, tensorflow as tf
loaded = tf.saved_model.load(sys.argv[1])
asked = np.load(sys.argv[2])
answer = loaded.signatures["serving_default"](ecg_mv=tf.constant(asked["ecg"]))
images = loaded.signatures["images"](images=tf.constant(asked["images"]))
about = loaded.signatures["describe"]()
np.savez(
    sys.argv[3],
    **{k: v.numpy() for k, v in answer.items()},
    **{"images_" + k: v.numpy() for k, v in images.items()},
    **{"about_" + k: v.numpy().astype(str) for k, v in about.items()},
)
"""


@pytest.fixture(scope="module")
def answer(export, prepared_folder, tmp_path_factory):
    """What the export says of the test partition, and then of five of its records, four spoilt."""
    ecg = PreparedRecords(prepared_folder).read("test", LEADS).ecg
    bad = ecg[:5].copy()
    bad[1, :, 0] = 0.25  # I is flat
    bad[2, 500, 1] = np.nan  # II
    bad[3, 0, 7] = np.inf  # V2
    bad[4, :, 8] = np.nan  # V3, which the network does not look at
    images = np.asarray(ECGImage(size=67)(ecg[:, :, [0, 1, 7]]))
    folder = tmp_path_factory.mktemp("asked")
    np.savez(folder / "asked.npz", ecg=np.concatenate([ecg, bad]), images=images)
    command = [sys.executable, "-c", _ASK, export, folder / "asked.npz", folder / "answer.npz"]
    subprocess.run(command, check=True, cwd=folder)
    return dict(np.load(folder / "answer.npz"))


def test_a_saved_model_gives_the_probabilities_of_evaluate(answer, run, prepared_folder):
    part = open_partition(prepared_folder, "test", InputSpec("image", image_size=67))
    expected = predict_probabilities(run.network(), run.preprocessor(), part.source)
    np.testing.assert_allclose(answer["images_probabilities"], expected, atol=1e-4)
    # From the raw ECG the same, but that each lead's mean is subtracted first.
    ecg = without_means(PreparedRecords(prepared_folder).read("test", LEADS).ecg)
    centred = study_answer(run, ecg)["probabilities"]
    np.testing.assert_allclose(answer["probabilities"][:-5], centred, atol=1e-4)
    np.testing.assert_allclose(centred, expected, atol=1e-2)
    np.testing.assert_array_equal(
        answer["decisions"], answer["probabilities"] >= run.thresholds.astype("f4")
    )
    assert answer["valid"][:-5].all()


def test_class_names_and_thresholds_are_inside(answer, run):
    assert answer["about_class_names"].tolist() == ["MI", "STTC", "CD", "HYP"]
    assert answer["about_leads"].tolist() == ["I", "II", "V2"]
    np.testing.assert_allclose(answer["about_thresholds"].astype("f4"), run.thresholds, rtol=1e-6)


def test_a_bad_lead_makes_only_its_record_invalid(answer):
    assert answer["valid"][-5:].tolist() == [True, False, False, False, True]
    probabilities = answer["probabilities"]
    assert np.isfinite(probabilities).all()
    np.testing.assert_allclose(probabilities[[-5, -1]], probabilities[[0, 4]], atol=1e-6)


def test_a_used_folder_is_refused(run, export):
    with pytest.raises(InputError, match="already in use"):
        export_run(run.path, export)


def test_a_failed_export_leaves_nothing(run, tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("no space left on device")

    monkeypatch.setattr(tf.saved_model, "save", fail)
    with pytest.raises(OSError, match="no space"):
        export_run(run.path, tmp_path / "export")
    assert not list(tmp_path.iterdir())


def test_a_state_space_network_keeps_its_fourier_transforms(tmp_path):
    run = untrained_run(tmp_path / "run", "s4", nb_filters=2, num_layers=1)
    classifier = ECGClassifier(run)
    write_saved_model(classifier, tmp_path / "export")
    predict, _ = load_export(*find_export(tmp_path / "export"))
    ecg = example_ecgs(classifier.leads)
    expected = classifier.predict(ecg)["probabilities"]
    np.testing.assert_allclose(predict(ecg)["probabilities"], expected, atol=1e-4)
    # A matrix in the place of a transform of 1000 samples would have 4 MB.
    assert sum(file.stat().st_size for file in (tmp_path / "export").rglob("*.*")) < 1e6
