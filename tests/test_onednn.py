"""TensorFlow computes with oneDNN on every CPU that it has oneDNN for, unless told otherwise."""

import os
import platform
import subprocess
import sys

import pytest


@pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="TensorFlow without oneDNN"
)
@pytest.mark.skipif(os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "0", reason="it is switched off")
def test_tensorflow_computes_with_onednn():
    pytest.importorskip("tensorflow")
    from tensorflow.python.util._pywrap_util_port import IsMklEnabled

    assert IsMklEnabled()


def test_what_the_user_has_set_stays():
    code = "import os, ecg_tf; print(os.environ['TF_ENABLE_ONEDNN_OPTS'])"
    environment = {**os.environ, "TF_ENABLE_ONEDNN_OPTS": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "0\n"
