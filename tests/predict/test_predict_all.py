import itertools
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from in_process import command_module
from record_tables import simulated, write_record, write_table

from ecg_tf.errors import InputError
from ecg_tf.leads import LEADS
from ecg_tf.predict import predict_all as module
from ecg_tf.predict.predict_all import predict_all
from ecg_tf.predict.predictor import Predictor
from ecg_tf.predict.record_names import list_records
from ecg_tf.predict.records import predict_records
from ecg_tf.processes import child_environment


class Mean:
    """Stands for a `Predictor` of two classes: means over time of two leads."""

    class_names, leads, simulated = ("A", "B"), ("I", "V6"), False
    sampling_rate, samples = 100, 1000
    thresholds = np.array([0.1, 0.2], np.float32)
    ecgs, stop_after = 0, None

    def __init__(self, path="", one_core=False):
        self.place = Path(path)

    def __call__(self, ecg_mv):
        if Mean.stop_after is not None and Mean.ecgs >= Mean.stop_after:
            raise KeyboardInterrupt
        Mean.ecgs += len(ecg_mv)
        probabilities = np.abs(ecg_mv[:, :, [0, 11]]).mean(axis=1)
        decisions = (probabilities >= self.thresholds).astype(np.int32)
        valid = np.ones(len(ecg_mv), bool)
        return {"probabilities": probabilities, "decisions": decisions, "valid": valid}


@pytest.fixture
def network(tmp_path, monkeypatch):
    """A folder in place of a network, and `Mean` of it; one thread reads parts of 4 records."""
    monkeypatch.setattr(module, "_readers", lambda _: ThreadPoolExecutor(1))
    monkeypatch.setattr(module, "Predictor", Mean)
    monkeypatch.setattr(module, "_PART", 4)
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    monkeypatch.setattr(Mean, "ecgs", 0)
    folder = tmp_path / "network"
    folder.mkdir()
    (folder / "weights").write_text("1")
    return folder


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A table of 9 records of three kinds, of which one is 20 s long; tests read it only."""
    folder = tmp_path_factory.mktemp("records")
    write_table(folder, 9)
    long = np.concatenate([simulated(("MI",), 1), simulated((), 2)])
    write_record(folder, "ecgs/1", "csv", long)
    return folder / "table.csv"


def rows_one_by_one(predictor, records):
    """What the file has to hold, by `predict_records`."""
    rows = []
    for name, path in records:
        for found in predict_records(predictor, [path]):
            rows.append([name, found.start, *found.probabilities, *found.decisions])
    return rows


# What is written


def test_the_file_has_the_windows_of_all_records_in_order(table, network, tmp_path):
    expected = rows_one_by_one(Mean(), list_records(table))
    assert [row[:2] for row in expected[:4]] == [
        ["ecgs/0", 0], ["ecgs/1.csv", 0], ["ecgs/1.csv", 10], ["ecgs/2.npz", 0]
    ]  # fmt: skip
    written = predict_all(network, table, tmp_path / "p.csv")
    assert (written.records, written.bad) == (9, 0)
    found = pd.read_csv(tmp_path / "p.csv")
    assert list(found) == [
        "record", "start", "probability_A", "probability_B", "decision_A", "decision_B"
    ]  # fmt: skip
    assert found.to_numpy().tolist() == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == ["network", "p.csv"]


def test_parquet_has_the_same_rows(table, network, tmp_path):
    pytest.importorskip("pyarrow")
    for name in ("p.csv", "p.parquet"):
        predict_all(network, table, tmp_path / name)
    found = pd.read_parquet(tmp_path / "p.parquet")
    expected = pd.read_csv(tmp_path / "p.csv")
    assert found["probability_A"].dtype == np.float32
    pd.testing.assert_frame_equal(found.astype(expected.dtypes), expected)


def test_exports_predict_as_one_by_one(export, exported, simulated_folder, tmp_path):
    pytest.importorskip("tf2onnx")
    table = simulated_folder.parent / "of_three.csv"
    names = [f"{simulated_folder.name}/records100/00000/0000{k}_lr" for k in (3, 1, 2)]
    table.write_text("\n".join(["record", *names]))
    onnx = exported("onnx")
    expected = rows_one_by_one(Predictor(onnx), list_records(table))
    assert [row[0] for row in expected] == names
    for path in (export, onnx):
        out = tmp_path / f"{path.name}.csv"
        predict_all(path, table, out)
        found = pd.read_csv(out)
        assert found["record"].tolist() == names
        np.testing.assert_allclose(
            found.iloc[:, 1:].to_numpy(), [row[1:] for row in expected], atol=1e-5
        )


# Bad records


def test_bad_records_are_listed_beside_the_file_with_their_reasons(network, tmp_path):
    folder = tmp_path / "ecgs"
    ecg = simulated((), 0)
    write_record(folder, "good", "dat", ecg)
    write_record(folder, "short", "csv", ecg[:900])
    write_record(folder, "three_leads", "npz", ecg[:, :3], leads=LEADS[:3])
    (folder / "text.edf").write_text("I,V6\n1,2\n")
    (folder / "text.xml").write_bytes((folder / "good.dat").read_bytes())
    lines = [f"{x:.3f}" for x in ecg[:, 0]]
    (folder / "gap.csv").write_text("\n".join(["I (mV)", *lines[:500], "", *lines[501:]]))
    (tmp_path / "outside.csv").write_text("I (mV)\n1\n")
    (folder / "link.csv").symlink_to("../outside.csv")
    (folder / "README").write_text("no record")
    written = predict_all(network, folder, tmp_path / "p.csv", sampling_rate=100)
    assert pd.read_csv(tmp_path / "p.csv")["record"].tolist() == ["good"]
    assert (written.records, written.bad_file) == (7, tmp_path / "p.bad.csv")
    bad = pd.read_csv(written.bad_file).set_index("record")["error"]
    assert written.bad == len(bad) == 6
    for name, reason in {
        "gap.csv": "missing V6",
        "link.csv": "leads out of",
        "short.csv": "9.000 s of ECG, expected at least 10 s",
        "text.edf": "not EDF as its name says",
        "text.xml": "not XML as its name says",
        "three_leads.npz": "missing V6; found I II III, expected I V6",
    }.items():
        assert reason in bad[name], (name, bad[name])
        assert bad[name].startswith(str(folder))


def test_missing_samples_of_one_lead_do_not_vanish(network, tmp_path, monkeypatch):
    monkeypatch.setattr(Mean, "leads", ("I",))
    lines = [f"{x:.3f}" for x in simulated((), 0)[:, 0]]
    folder = tmp_path / "ecgs"
    folder.mkdir()
    (folder / "gap.csv").write_text("\n".join(["I (mV)", *lines[:500], "", *lines[501:]]))
    predict_all(network, folder, tmp_path / "p.csv", sampling_rate=100)
    error = pd.read_csv(tmp_path / "p.bad.csv")["error"][0]
    assert error.endswith("1 of 1000 samples of I are missing or not finite")


def test_missing_records_of_a_table_and_links_out_of_its_folder_are_listed(network, tmp_path):
    folder = tmp_path / "mine"
    write_record(folder, "a", "csv", simulated((), 0))
    write_record(tmp_path, "others/a", "csv", simulated((), 0))
    (folder / "link").symlink_to("../others")
    (folder / "t.csv").write_text("record\na.csv\nb.csv\nc\nlink/a.csv\n")
    assert predict_all(network, folder / "t.csv", tmp_path / "p.csv").bad == 3
    bad = pd.read_csv(tmp_path / "p.bad.csv")
    assert bad["record"].tolist() == ["b.csv", "c", "link/a.csv"]
    assert "c: no header" in bad["error"][1]
    assert "link: leads out of" in bad["error"][2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("path\na.csv\n", "no column record; found"),
        ("record\na.csv\na.csv\n", "is the record of row 1"),
        ("record\na.hea\na.dat\n", "is the record of row 1"),
        ("record\n../a.csv\n", "leads out of the folder"),
        ("record\n/a.csv\n", "an absolute path"),
        ("record\nhttps://a.org/a.csv\n", "a URL"),
        ("record\n", "no rows"),
    ],
)
def test_tables_that_cannot_be_used_are_refused(text, message, network, tmp_path):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        predict_all(network, tmp_path / "t.csv", tmp_path / "p.csv")
    assert not (tmp_path / "p.csv.parts").exists()


def test_a_folder_without_records_is_refused(network, tmp_path):
    (tmp_path / "empty/below").mkdir(parents=True)
    (tmp_path / "empty/below/README.txt").write_text("")
    with pytest.raises(InputError, match="empty: a folder without records among its 1 files"):
        predict_all(network, tmp_path / "empty", tmp_path / "p.csv")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("p.txt", "expected a file name that ends in .csv or .parquet"),
        ("there.csv", "already there; expected a new file"),
        ("no/p.csv", "cannot be written: no folder"),
    ],
)
def test_files_that_cannot_be_written_are_refused(name, message, table, network, tmp_path):
    (tmp_path / "there.csv").write_text("")
    with pytest.raises(InputError, match=message):
        predict_all(network, table, tmp_path / name)


def test_parquet_without_its_package_is_refused(table, network, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"pip install pyarrow \(the extra ecg_tf\[parquet\]"):
        predict_all(network, table, tmp_path / "p.parquet")


# Interruptions


def test_an_interrupted_prediction_is_resumed(table, network, tmp_path, monkeypatch):
    whole, out = tmp_path / "whole.csv", tmp_path / "p.csv"
    predict_all(network, table, whole)
    assert Mean.ecgs == 10
    monkeypatch.setattr(Mean, "ecgs", 0)
    monkeypatch.setattr(Mean, "stop_after", 5)
    with pytest.raises(KeyboardInterrupt):
        predict_all(network, table, out)
    assert Mean.ecgs == 5
    assert not out.exists()
    monkeypatch.setattr(Mean, "stop_after", None)
    predict_all(network, table, out)
    assert Mean.ecgs == 10
    assert out.read_bytes() == whole.read_bytes()
    assert not (tmp_path / "p.csv.parts").exists()


@pytest.mark.parametrize("changed", ["network", "record", "argument", "part"])
def test_parts_of_something_else_are_not_used(changed, network, tmp_path, monkeypatch):
    write_table(tmp_path, 6)
    monkeypatch.setattr(Mean, "stop_after", 4)
    with pytest.raises(KeyboardInterrupt):
        predict_all(network, tmp_path / "table.csv", tmp_path / "p.csv")
    (part,) = (tmp_path / "p.csv.parts").iterdir()
    if changed == "network":
        (network / "weights").write_text("22")
    elif changed == "record":
        write_record(tmp_path, "ecgs/0", "dat", simulated(("CD",), 7))
    elif changed == "part":
        part.write_bytes(part.read_bytes()[:-9])
    how = {"derive_leads": True} if changed == "argument" else {}
    monkeypatch.setattr(Mean, "stop_after", None)
    predict_all(network, tmp_path / "table.csv", tmp_path / "p.csv", **how)
    assert Mean.ecgs == 4 + 6
    found = pd.read_csv(tmp_path / "p.csv")
    expected = rows_one_by_one(Mean(), list_records(tmp_path / "table.csv"))
    assert found.to_numpy().tolist() == expected


_KILLED = """
import sys, time
from ecg_tf.predict import predict_all as module
from test_predict_all import Mean

class Slow(Mean):
    def __call__(self, ecg_mv):
        time.sleep(float(sys.argv[4]))
        return super().__call__(ecg_mv)

if __name__ == "__main__":
    module.Predictor, module._PART = Slow, 2
    module.predict_all(*sys.argv[1:4])
"""


def test_a_killed_prediction_leaves_no_process_and_is_resumed(table, network, tmp_path):
    script, out = tmp_path / "script.py", tmp_path / "p.csv"
    script.write_text(_KILLED)
    here = Path(__file__).parent
    paths = os.pathsep.join([str(here), str(here.parent), *filter(None, sys.path)])
    environment = child_environment() | {"PYTHONPATH": paths}

    def start(seconds):
        command = [sys.executable, script, network, table, out, seconds]
        return subprocess.Popen(list(map(str, command)), env=environment)

    process, parts = start(0.5), tmp_path / "p.csv.parts"
    _wait_until(lambda: parts.is_dir() and list(parts.glob("[!.]*.json")))
    children = _children(process.pid)
    assert children
    process.send_signal(signal.SIGKILL)
    process.wait()
    _wait_until(lambda: not any(map(_is_alive, children)))
    assert not out.exists()
    assert start(0).wait(timeout=60) == 0
    expected = rows_one_by_one(Mean(), list_records(table))
    assert pd.read_csv(out).to_numpy().tolist() == expected


def _wait_until(condition):
    for _ in itertools.repeat(None, 600):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("not within a minute")


def _children(pid):
    return [
        int(child)
        for tasks in Path(f"/proc/{pid}/task").glob("*/children")
        for child in tasks.read_text().split()
    ]


def _is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


# The command


def test_the_command_writes_the_file_and_names_the_list(table, network, tmp_path, capsys):
    write_record(tmp_path, "ecgs/a", "csv", simulated((), 0))
    write_record(tmp_path, "ecgs/b", "csv", simulated((), 0)[:50])
    records, out = tmp_path / "ecgs", tmp_path / "p.csv"
    with command_module("predict") as command:
        command.flags.FLAGS(
            ["predict", f"-path_model={network}", f"-records={records}", f"-out={out}"]
        )
        assert command.main(["predict"]) == 1
        with pytest.raises(InputError, match="'x': expected either records or -records"):
            command.main(["predict", "x"])
        command.flags.FLAGS(["predict", "-json"])
        with pytest.raises(InputError, match="-records: expected -out"):
            command.main(["predict"])
    shown = capsys.readouterr()
    assert shown.out == f"{out}: predictions of 2 records\n"
    assert shown.err.splitlines()[-1] == f"error: {tmp_path}/p.bad.csv: 1 without a prediction"
