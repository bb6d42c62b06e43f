import json

import numpy as np
import pytest
from untrained import untrained_run

from ecg_tf.errors import InputError
from ecg_tf.export.check import TOLERANCE, example_ecgs
from ecg_tf.export.export_run import export_run
from ecg_tf.export.prediction import Predictor

_INSTALL = "needs ONNX: pip install -e '.[onnx]'"
onnxruntime = pytest.importorskip("onnxruntime", reason=_INSTALL)
converter = pytest.importorskip("tf2onnx.convert", reason=_INSTALL)

IMAGE = {"nb_filters": 1}
SIGNAL = {"hidden_size": 4, "num_layers": 1}


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports") / "onnx"
    assert export_run(run.path, folder, "onnx").difference < TOLERANCE
    return folder


def test_any_number_of_ecgs_is_answered_as_the_run_does(run, folder):
    of_run, of_export = Predictor(run.path), Predictor(folder)
    for ecg in (example_ecgs(["V2"]), example_ecgs(["II"])[:1]):
        by_run, by_export = of_run(ecg), of_export(ecg)
        np.testing.assert_allclose(
            by_export["probabilities"], by_run["probabilities"], atol=TOLERANCE, rtol=0
        )
        for key in ("decisions", "valid"):
            np.testing.assert_array_equal(by_export[key], by_run[key])
            assert by_export[key].dtype == by_run[key].dtype


def test_the_file_alone_will_do_whatever_its_name(folder, tmp_path):
    renamed = tmp_path / "heart.onnx"
    renamed.write_bytes((folder / "model.onnx").read_bytes())
    assert Predictor(renamed).class_names == ("MI", "STTC", "CD", "HYP")


def test_class_names_thresholds_and_leads_are_inside(run, folder):
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    properties = session.get_modelmeta().custom_metadata_map
    description = {key: json.loads(value) for key, value in properties.items()}
    assert description["class_names"] == ["MI", "STTC", "CD", "HYP"]
    assert description["leads"] == ["I", "II", "V2"]
    assert description["simulated"] is True
    np.testing.assert_array_equal(
        np.float32(description["thresholds"]), run.thresholds.astype("float32")
    )
    assert session.get_inputs()[0].shape == ["batch", 1000, 12]


def test_a_bad_lead_makes_its_record_invalid(folder):
    ecg = example_ecgs(["I"])[:4]
    ecg[1, 500, 1] = np.nan
    ecg[2, 0, 7] = np.inf
    ecg[3, :, 8] = np.nan  # V3, which the network does not look at
    answer = Predictor(folder)(ecg)
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
    assert export_run(run.path, tmp_path / "export", "onnx").difference < TOLERANCE


def test_what_onnx_lacks_is_an_error_that_names_it(run, tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise NotImplementedError("no such op: Foo\nand a trace")

    monkeypatch.setattr(converter, "from_function", fail)
    with pytest.raises(InputError, match=r"ONNX cannot hold this alexnet: no such op: Foo$"):
        export_run(run.path, tmp_path / "export", "onnx")
    assert not list(tmp_path.iterdir())
