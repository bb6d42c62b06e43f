import logging
import os
import sys

import pytest

import ecg_tf

KERAS = """
import os
os.write(2, b"noise")
class backend:
    backend = staticmethod(lambda: "tensorflow")
"""
TENSORFLOW = """
import logging
logging.getLogger("in the place of TensorFlow").setLevel(logging.INFO)
get_logger = lambda: logging.getLogger("in the place of TensorFlow")
"""


def test_lines_of_the_import_are_hidden_and_later_ones_shown(tmp_path, monkeypatch, capfd):
    for name, code in (("keras", KERAS), ("tensorflow", TENSORFLOW)):
        (tmp_path / f"{name}.py").write_text(code)
        monkeypatch.setitem(sys.modules, name, None)
        del sys.modules[name]
    monkeypatch.syspath_prepend(tmp_path)
    ecg_tf.start_quietly()
    assert sys.modules["tensorflow"].get_logger().level == logging.WARNING
    os.write(2, b"error")
    assert capfd.readouterr().err == "error"


def test_a_failed_import_is_raised_and_later_lines_are_shown(monkeypatch, capfd):
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(ImportError):
        ecg_tf.start_quietly()
    os.write(2, b"error")
    assert capfd.readouterr().err == "error"
