"""Training shared out among devices, here two logical CPUs in a process of their own."""

import subprocess
import sys

import numpy as np

from ecg_tf.runs.run_folder import RunFolder

_TWO_CPUS = """
from ecg_tf.commands.quick_imports import make_imports_quick
make_imports_quick()  # before the next import, as the command line does
import tensorflow as tf
cpu, = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, 2 * [tf.config.LogicalDeviceConfiguration()])
from ecg_tf.commands.command_line import run_command
run_command("train")
"""


def test_two_devices_reach_the_losses_of_one(run, tmp_path):
    command = [sys.executable, "-c", _TWO_CPUS, f"--flagfile={run.path / 'flags.cfg'}"]
    command += ["-strategy", "mirrored", "-path_save_model", tmp_path / "two"]
    subprocess.run(command, check=True)
    one, two = run.history(), RunFolder.open(tmp_path / "two").history()
    assert run.metadata.records["train"] % 32 == 30  # the last batch has fewer
    np.testing.assert_allclose(two["loss"], one["loss"], rtol=1e-3)
    np.testing.assert_allclose(two["val_loss"], one["val_loss"], rtol=1e-3)
