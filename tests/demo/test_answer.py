"""What the page answers, without a browser."""

import dataclasses
import socket
import types

import numpy as np
import pytest

from ecg_tf.data.ecg_files.record import Record
from ecg_tf.demo.answer import draw_reasons, predict_record
from ecg_tf.demo.markup import decision, error_line, overview, verdict
from ecg_tf.demo.server import LOCAL, serve
from ecg_tf.errors import InputError, RecordError
from ecg_tf.leads import LEADS
from ecg_tf.predict.predictor import Predictor

TWO = ("I", "II")


def network(*leads):
    """In the place of the `Predictor` of an export."""

    def predict(ecg_mv):
        count = len(ecg_mv)
        return {
            "probabilities": np.full((count, 1), 0.75, np.float32),
            "decisions": np.ones((count, 1), np.int32),
            "valid": np.ones(count, bool),
        }

    predict.leads, predict.sampling_rate, predict.samples = leads, 100, 1000
    predict.class_names, predict.thresholds = ("<AF>",), np.array([0.5])
    predict.simulated, predict.classifier = False, None
    return predict


def record(seconds=30, leads=TWO):
    ecg = np.random.default_rng(0).normal(0, 0.3, (100 * seconds, len(leads)))
    ecg[1000:2000] = 0
    return Record("r", ecg, leads, 100.0, simulated=False)


def test_a_window_that_is_no_ecg_is_an_error_among_the_others():
    outcomes = predict_record("net", network(*TWO), record()).outcomes
    assert [isinstance(one, RecordError) for one in outcomes] == [False, True, False]
    table = overview(outcomes)
    assert "r, 10-20 s: lead I is flat" in table
    assert "&lt;AF&gt;" in table
    assert "<AF>" not in table


@pytest.mark.parametrize(
    ("names", "said", "meaning"),
    [
        (("MI", "STTC", "CD", "HYP", "NORM"), "none of the classes (NORM)", "none of the others"),
        (("AFIB", "MI", "NORM"), "normal ECG (NORM)", "normal ECG"),
    ],
)
def test_norm_is_the_rest_only_beside_the_four_classes(names, said, meaning):
    (outcome,) = predict_record("net", network(*TWO), record(10)).outcomes
    only_norm = dataclasses.replace(
        outcome,
        class_names=names,
        probabilities=(0.1,) * (len(names) - 1) + (0.9,),
        thresholds=(0.5,) * len(names),
        decisions=(0,) * (len(names) - 1) + (1,),
    )
    assert decision(only_norm) == f"Predicted: {said}"
    assert f"<small>{meaning}</small>" in verdict(only_norm, "net")


def test_a_missing_lead_is_the_error_of_the_command_line():
    (error,) = predict_record("net", network("V2"), record()).outcomes
    assert str(error).startswith("r: missing V2; found I II, expected V2, the network's input")


def test_steps_past_the_ends_stay_at_the_ends():
    answer = predict_record("net", network(*TWO), record())
    assert [answer.at(k).number for k in (-1, 1, 3)] == [0, 1, 2]


def test_an_export_cannot_be_explained():
    predictor = network(*LEADS)
    export = types.SimpleNamespace(_path="export", classifier=None)
    predictor.explain = types.MethodType(Predictor.explain, export)
    prediction = predict_record("net", predictor, record(10, LEADS)).outcome
    with pytest.raises(RecordError, match="r: no explanation: export: an export, whose layers"):
        draw_reasons(predictor, prediction, "<AF>")


def test_an_error_is_one_line_of_plain_text():
    assert "error: &lt;b&gt; two lines" in error_line("<b>\ntwo lines")


def test_a_port_in_use_is_refused(monkeypatch):
    pytest.importorskip("gradio")
    for name in ("GRADIO_TEMP_DIR", "GRADIO_ANALYTICS_ENABLED", "GRADIO_ALLOWED_PATHS"):
        monkeypatch.setenv(name, "")
    with socket.create_server((LOCAL, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(InputError, match=f"-host {LOCAL}, -port {port}: cannot be served"):
            serve(["pretrained:gru"], LOCAL, port)
