import dataclasses
import json
import zipfile

import numpy as np
import pytest
import tensorflow as tf
from untrained import untrained_run

from ecg_tf.errors import InputError
from ecg_tf.export.check import TOLERANCE, example_ecgs
from ecg_tf.export.export_run import export_run
from ecg_tf.export.prediction import Predictor

pytest.importorskip("ai_edge_litert", reason="needs LiteRT: pip install -e '.[litert]'")

IMAGE = {"nb_filters": 1}
SIGNAL = {"hidden_size": 4, "num_layers": 1}


@pytest.fixture(scope="module")
def exported(run, tmp_path_factory):
    """(`Check`, folder) of the export of `run`."""
    folder = tmp_path_factory.mktemp("exports") / "litert"
    return export_run(run.path, folder, "litert"), folder


def test_it_answers_as_the_run_does(run, exported):
    check, folder = exported
    assert check.difference < TOLERANCE
    assert check.seconds > 0
    assert check.size == (folder / "model.tflite").stat().st_size
    ecg = example_ecgs(["V2"])
    by_run, by_export = (Predictor(path)(ecg) for path in (run.path, folder))
    np.testing.assert_allclose(
        by_export["probabilities"], by_run["probabilities"], atol=TOLERANCE, rtol=0
    )
    for key in ("decisions", "valid"):
        np.testing.assert_array_equal(by_export[key], by_run[key])


def test_class_names_thresholds_and_leads_are_inside(run, exported):
    with zipfile.ZipFile(exported[1] / "model.tflite") as archive:
        description = json.loads(archive.read("description.json"))
    assert description["class_names"] == ["MI", "STTC", "CD", "HYP"]
    assert description["leads"] == ["I", "II", "V2"]
    assert description["simulated"] is True
    np.testing.assert_array_equal(
        np.float32(description["thresholds"]), run.thresholds.astype("float32")
    )


def test_a_bad_lead_makes_its_record_invalid(exported):
    ecg = example_ecgs(["I"])[:4]
    ecg[1, 500, 1] = np.nan
    ecg[2, 0, 7] = np.inf
    ecg[3, :, 8] = np.nan  # V3, which the network does not look at
    answer = Predictor(exported[1])(ecg)
    assert answer["valid"].tolist() == [True, False, False, True]
    assert np.isfinite(answer["probabilities"]).all()


@pytest.mark.parametrize(
    ("model", "settings"),
    [
        ("alexnet_attention", IMAGE),
        ("resnet", IMAGE),
        ("gru", SIGNAL),
        ("gru_attention", SIGNAL),
        ("joint_fusion", {**IMAGE, **SIGNAL}),
    ],
)
def test_every_kind_of_network_goes_in(model, settings, tmp_path):
    run = untrained_run(tmp_path / "run", model, **settings)
    assert export_run(run.path, tmp_path / "export", "litert").difference < TOLERANCE


def test_what_litert_lacks_is_an_error_that_names_it(run, tmp_path, monkeypatch):
    def fail(self):
        raise tf.errors.UnimplementedError(None, None, "no such op: Foo\nand a trace")

    monkeypatch.setattr(tf.lite.TFLiteConverterV2, "convert", fail)
    with pytest.raises(InputError, match=r"LiteRT cannot hold this alexnet: no such op: Foo$"):
        export_run(run.path, tmp_path / "export", "litert")
    assert not list(tmp_path.iterdir())


def test_another_litert_file_is_refused(exported, tmp_path):
    content = (exported[1] / "model.tflite").read_bytes()
    file = tmp_path / "other.tflite"
    file.write_bytes(content[: content.rindex(b"PK\x03\x04")])
    with pytest.raises(InputError, match=r"other\.tflite: a LiteRT file, but none that"):
        Predictor(file)


def test_the_table_says_size_time_and_difference(exported):
    check = dataclasses.replace(exported[0], size=1234567, seconds=0.0123, difference=1.25e-6)
    assert check.table().splitlines() == [
        "| format | size, MB | ms per ECG | largest difference |",
        "| ------ | -------- | ---------- | ------------------ |",
        "| litert |     1.23 |       12.3 |            1.2e-06 |",
    ]
