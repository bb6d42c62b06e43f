"""Prediction by Apache Beam gives what prediction without it gives."""

import itertools

import numpy as np
import pandas as pd
import pytest

from ecg_tf.beam import Beam
from ecg_tf.errors import InputError
from ecg_tf.predict import predict_all as module
from ecg_tf.predict.predict_all import predict_all

pytest.importorskip("apache_beam", reason="Apache Beam is not installed (bin/test beam)")

TWO_WORKERS = Beam("DirectRunner", "--direct_running_mode=multi_threading --direct_num_workers=2")


@pytest.fixture
def table(simulated_folder, monkeypatch):
    """A table of 20 records in no order, of which two cannot be used, in parts of 6."""
    monkeypatch.setattr(module, "_PART", 6)
    numbers = np.random.default_rng(0).permutation(np.arange(1, 19))
    names = [f"{simulated_folder.name}/records100/00000/{number:05d}_lr" for number in numbers]
    names.insert(7, "missing_1.csv")
    table = simulated_folder.parent / "of_twenty.csv"
    table.write_text("\n".join(["record", *names, "missing_2.csv"]))
    return table


def test_two_workers_predict_the_rows_of_one_process(table, exported, tmp_path):
    pytest.importorskip("tf2onnx")
    onnx, written = exported("onnx"), {}
    for name, beam in (("plain", None), ("beam", TWO_WORKERS)):
        written[name] = predict_all(onnx, table, tmp_path / f"{name}.parquet", beam=beam)
    assert written["beam"].records == written["plain"].records == 20
    assert written["beam"].bad == written["plain"].bad == 2
    files = [written[name].bad_file for name in ("plain", "beam")]
    assert files[0].read_text() == files[1].read_text()
    plain, beam = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("plain", "beam"))
    assert len(plain) == 18
    pd.testing.assert_frame_equal(beam, plain, atol=1e-6)
    assert len(list(tmp_path.iterdir())) == 4


def test_parts_of_an_interrupted_prediction_are_used(table, exported, tmp_path, monkeypatch):
    pytest.importorskip("tf2onnx")
    out, write, calls = tmp_path / "p.csv", module.write_part, itertools.count()

    def write_two(file, outcomes):
        if next(calls) >= 2:  # counted here: two threads write at once
            raise KeyboardInterrupt
        write(file, outcomes)

    monkeypatch.setattr(module, "write_part", write_two)
    with pytest.raises(KeyboardInterrupt):
        predict_all(exported("onnx"), table, out)
    parts = {path: path.stat().st_mtime_ns for path in (tmp_path / "p.csv.parts").glob("*.json")}
    assert len(parts) == 2
    monkeypatch.setattr(module.shutil, "rmtree", lambda *_, **__: None)
    assert predict_all(exported("onnx"), table, out, beam=TWO_WORKERS).bad == 2
    assert {path: path.stat().st_mtime_ns for path in parts} == parts
    assert len(pd.read_csv(out)) == 18


def test_a_network_that_workers_cannot_load_is_one_line(table, exported, tmp_path, monkeypatch):
    pytest.importorskip("tf2onnx")
    from ecg_tf.predict import beam_prediction

    def refuse(path, one_core):
        raise InputError(f"{path}: neither a run folder nor an export")

    monkeypatch.setattr(beam_prediction, "Predictor", refuse)
    with pytest.raises(InputError, match=r"^/.*onnx: neither a run folder nor an export.*$"):
        predict_all(exported("onnx"), table, tmp_path / "p.csv", beam=Beam("DirectRunner"))
    assert not (tmp_path / "p.csv").exists()
