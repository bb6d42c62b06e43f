import os
import sys

import pytest

import ecg_tf


def test_lines_of_the_import_are_hidden_and_later_ones_shown(tmp_path, monkeypatch, capfd):
    (tmp_path / "keras.py").write_text("import os; os.write(2, b'noise'); FOUND = True")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    ecg_tf.start_quietly()
    assert sys.modules["keras"].FOUND
    os.write(2, b"error")
    assert capfd.readouterr().err == "error"


def test_a_failed_import_is_raised_and_later_lines_are_shown(monkeypatch, capfd):
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(ImportError):
        ecg_tf.start_quietly()
    os.write(2, b"error")
    assert capfd.readouterr().err == "error"
