"""Commands show their own lines only; see also the tests of each command, which count its lines."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from on_terminal import (
    assert_lines,
    ecg_tf,
    lines_and_progress,
    noisy_environment,
    run_in_pipes,
    run_on_terminal,
)

from ecg_tf.commands import line_filter

ROOT = Path(__file__).parents[2]

# What TensorFlow 2.18 to 2.21, LiteRT and onnxruntime print on machines with and without a GPU.
NOISE = """\
WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
I0000 00:00:1795715344.647296   20642 port.cc:153] oneDNN custom operations are on.
I0000 00:00:1795715344.647296   20642 cudart_stub.cc:31] Could not find cuda drivers.
I0000 00:00:1795715344.848310   23194 cpu_feature_guard.cc:227] This binary is optimized.
To enable the following instructions: AVX2 FMA, rebuild TensorFlow with the flags.
E0000 00:00:1795715344.100000   20642 cuda_dnn.cc:8579] Unable to register cuDNN factory
E0000 00:00:1795715344.100000   20642 cuda_platform.cc:52] failed call to cuInit: UNKNOWN ERROR
W0000 00:00:1795715344.100000   20642 computation_placer.cc:177] computation placer registered
E0000 00:00:1795715344.100000   20642 computation_placer.cc:177] computation placer registered
I0000 00:00:1795715344.100000   20642 service.cc:153] XLA service 0x5 initialized for Host
I0000 00:00:1795715344.100000   20642 device_compiler.h:208] Compiled cluster using XLA!
2026-11-26 10:00:00.100000: I tensorflow/core/util/port.cc:153] oneDNN custom operations are on.
2026-11-26 10:00:00.100000: W tensorflow/stream_executor/dso_loader.cc:64] Could not load
INFO: Created TensorFlow Lite XNNPACK delegate for CPU.
INFO:apache_beam.runners.worker.sdk_worker:Control channel established.
WARNING:__main__:No semi_persistent_directory found
2026-11-26 10:00:00.1 [W:onnxruntime:Default, device_discovery.cc:164 X] GPU discovery failed
\x1b[0;93m2026-11-26 10:00:00.1 [W:onnxruntime:, graph.cc:1] Initializer unused\x1b[m
"""
OTHER = """\
the TensorFlow library was compiled to use AVX instructions, but these are not available
E0000 00:00:1795715344.100000   20642 gpu_device.cc:1] out of memory
F0000 00:00:1795715344.100000   20642 tensor.cc:1] Check failed
INFO: a line of something else
ERROR:apache_beam.runners.worker.sdk_worker:out of memory
"""

# A command that imports and uses a framework, which prints each time and may crash or wait.
COMMAND = """
from absl import flags
from ecg_tf.commands import app
THEN = flags.DEFINE_string("then", "", "")
def main(_):
    import sys
    sys.argv.append(THEN.value)
    import tensorflow
    print(tensorflow.__name__)
    tensorflow.use()
app.run(main)
"""
FRAMEWORK = f"""
import os, sys, time, warnings
def use():
    os.write(2, {NOISE + OTHER!r}.encode())
use()
warnings.warn("a warning")
import logging
logging.getLogger("tensorflow").warning("a retracing")
logging.getLogger("tensorflow").error("a fault")
if sys.argv[-1] == "abort":
    os.write(2, b"the last words")
    os.abort()
if sys.argv[-1] == "wait":
    os.write(1, b"waiting\\n")
    time.sleep(60)
"""


@pytest.fixture
def framework(tmp_path):
    """A function that runs the command with a module for TensorFlow that prints all of that."""
    (tmp_path / "tensorflow.py").write_text(FRAMEWORK)
    environment = noisy_environment()
    environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path), str(ROOT)])

    def start(*arguments):
        return subprocess.Popen(
            [sys.executable, "-c", COMMAND, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )

    return start


def test_start_up_lines_are_hidden_and_all_others_shown(framework):
    output, error = framework().communicate()
    assert output == "tensorflow\n"
    assert sorted(error.splitlines()) == sorted([*2 * OTHER.splitlines(), "error: a fault"])


def test_verbosity_shows_everything(framework):
    _, error = framework("-verbosity=1").communicate()
    assert set(f"{NOISE}{OTHER}".splitlines()) <= set(error.splitlines())
    assert "UserWarning: a warning" in error
    assert "a retracing" in error


def test_last_words_of_a_crash_are_shown(framework):
    process = framework("-then=abort")
    _, error = process.communicate()
    assert process.returncode == -signal.SIGABRT
    assert "the last words" in error
    assert "Fatal Python error: Aborted" in error
    assert "oneDNN" not in error


def test_what_jax_prints_when_process_0_dies_is_one_line():
    given = (
        b"a line\nF1127 03:39:08.554470 13055 client.h:80] Terminating process because the JAX "
        b"distributed service detected fatal errors. This\n*** Check failure stack trace: ***\n"
    )
    found = subprocess.run([sys.executable, line_filter.__file__], input=given, capture_output=True)
    assert found.stdout == (
        b"a line\nerror: process 0 has died, or the processes did not find each other in time\n"
    )


def test_ctrl_c_while_a_framework_is_imported_is_one_line(framework):
    process = framework("-then=wait")
    process.stdout.readline()
    time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    _, error = process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM
    assert error.splitlines()[-1] == "SIGTERM: interrupted"


def test_standard_error_that_is_closed_is_no_obstacle(framework, tmp_path):
    (tmp_path / "tensorflow.py").write_text("def use(): pass")
    line = 'exec "$0" -c "$1" 2>&-'
    done = subprocess.run(
        ["bash", "-c", line, sys.executable, COMMAND],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
    )
    assert (done.returncode, done.stdout) == (0, "tensorflow\n")


@pytest.mark.parametrize("run", [run_in_pipes, run_on_terminal])
def test_simulation_shows_its_progress_only(run, tmp_path):
    done = run(*ecg_tf("simulate", "-out", tmp_path / "simulated", "-records", "40"))
    lines, progress = lines_and_progress(done.stderr)
    assert (done.returncode, lines) == (0, [])
    assert run is run_in_pipes or progress


def test_export_shows_its_steps_only(run, tmp_path):
    folder = tmp_path / "exports/model"
    done = run_on_terminal(*ecg_tf("export", "-path_model", run.path, "-export_dir", folder))
    steps = ("writing the saved_model export", "checking the export in a separate process")
    assert_lines(done.stderr, *(f"{run.path}: {step}" for step in steps))
    assert done.stdout.startswith(f"exported: {folder}; ")
