"""LiteRT and ONNX files against the runs that they were made from."""

import json
import types

import numpy as np
import pytest
import tensorflow as tf
from on_terminal import assert_lines, ecg_tf, run_on_terminal
from untrained import untrained_run

from ecg_tf.errors import InputError
from ecg_tf.export.check import TOLERANCE, example_ecgs
from ecg_tf.export.export_run import export_run
from ecg_tf.export.runtimes import FILES, load_export
from ecg_tf.predict.predictor import Predictor
from ecg_tf.runs.ecg_classifier import ECGClassifier

pytestmark = pytest.mark.usefixtures("few_blocks")

NEEDS = {"litert": "ai_edge_litert", "onnx": "tf2onnx"}
SIGNAL = {"hidden_size": 4, "num_layers": 1}
RP = {"leads": ("II",), "channels": ("rp",)}  # one image; `run` has all, and is exported, too


@pytest.fixture(scope="module", params=NEEDS)
def form(request):
    form = request.param
    pytest.importorskip(NEEDS[form], reason=f"needs {form}: pip install -e '.[{form}]'")
    return form


@pytest.fixture(scope="module")
def of_run(run):
    return Predictor(run.path)


@pytest.fixture
def export(exported, form):
    """The folder of the export of `run`."""
    return exported(form)


def test_command_predicts_and_shows_no_line_of_a_framework(export, simulated_folder):
    record = next((simulated_folder / "records100").rglob("*.hea")).with_suffix("")
    command = ecg_tf("predict", "-path_model", export, "no/record", record, "-json")
    done = run_on_terminal(*command)
    assert json.loads(done.stdout)["record"] == str(record)
    assert_lines(done.stderr, "error: no/record: no header.*")


def test_any_number_of_ecgs_is_predicted_as_by_the_run(of_run, export):
    ecg = example_ecgs(["V2"])
    ecg[1, 500, 1] = np.nan
    ecg[2, 0, 0] = np.inf
    ecg[3, :, 8] = np.nan  # V3, which the network does not look at
    of_export = Predictor(export)
    for asked in (ecg, ecg[:1]):
        by_run, by_export = of_run(asked), of_export(asked)
        np.testing.assert_allclose(
            by_export["probabilities"], by_run["probabilities"], atol=TOLERANCE, rtol=0
        )
        for key in ("decisions", "valid"):
            np.testing.assert_array_equal(by_export[key], by_run[key])
            assert by_export[key].dtype == by_run[key].dtype
    assert of_export(ecg)["valid"].tolist() == [True, False, False, True, True, True, True, False]


def test_the_file_alone_opens_under_any_name(run, export, form, tmp_path):
    name = FILES[form]
    renamed = (tmp_path / "heart").with_suffix(f".{name.split('.')[1]}")
    renamed.write_bytes((export / name).read_bytes())
    _, description = load_export(form, renamed)
    assert description == ECGClassifier(run).description
    assert Predictor(renamed).class_names == ("MI", "STTC", "CD", "HYP")


@pytest.mark.usefixtures("small_alexnet")
@pytest.mark.parametrize(
    ("model", "settings"),
    [
        # AlexNet's queries have one value.
        (
            "weighted_fusion",
            {
                **{"signal_model": "gru_attention", **SIGNAL},
                **{"image_model": "alexnet_attention", "nb_filters": 8, **RP},
            },
        ),
        ("joint_fusion", {"image_model": "resnet", "nb_filters": 1, **SIGNAL, **RP}),
        (
            "late_fusion",
            {
                **{"signal_model": "cnn_lstm", "hidden_size": 4},
                **{"image_model": "cnn", "nb_filters": 1, "image_size": 16, **RP},
            },
        ),
        ("s4", {"nb_filters": 2, "num_layers": 1, "sliding_seconds": 2.5}),
    ],
)
def test_every_kind_of_network_can_be_exported(form, model, settings, tmp_path):
    run = untrained_run(tmp_path / "run", model, **settings)
    check = export_run(run.path, tmp_path / "export", form)
    assert check.difference < TOLERANCE
    assert check.seconds > 0
    assert check.size == (tmp_path / "export" / FILES[form]).stat().st_size


def test_an_operation_that_a_format_lacks_is_named(form, run, tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise NotImplementedError("no such op: Foo\nand a trace")

    if form == "litert":
        converter = types.SimpleNamespace(convert=fail)
        monkeypatch.setattr(tf.lite.TFLiteConverter, "from_saved_model", lambda _: converter)
    else:
        monkeypatch.setattr("tf2onnx.convert.from_function", fail)
    with pytest.raises(InputError, match=r"cannot hold this alexnet: no such op: Foo$"):
        export_run(run.path, tmp_path / "export", form)
    assert not list(tmp_path.iterdir())


def test_a_file_of_another_maker_is_refused(export, form, tmp_path):
    file = tmp_path / FILES[form]
    if form == "litert":
        content = (export / FILES[form]).read_bytes()
        file.write_bytes(content[: content.rindex(b"PK\x03\x04")])
    else:
        onnx = pytest.importorskip("onnx")
        model = onnx.load(export / FILES[form])
        del model.metadata_props[:]
        onnx.save(model, file)
    with pytest.raises(InputError, match=r"model\..*, but none that ecg_tf export wrote"):
        Predictor(file)
