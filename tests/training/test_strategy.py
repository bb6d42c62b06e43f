"""Training shared out among devices, here two logical CPUs in a process of their own."""

import dataclasses
import subprocess
import sys

import numpy as np

from ecg_tf.training.run_folder import RunFolder
from ecg_tf.training.train import train

_TWO_CPUS = """
import sys
import tensorflow as tf
cpu, = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, 2 * [tf.config.LogicalDeviceConfiguration()])
from absl import app, flags
sys.path.insert(0, "bin")
sys.argv[0] = "bin/train.py"
import train
from ecg_tf import app
app.run(train.main)
"""


def test_two_devices_come_to_the_losses_of_one(small_settings, tmp_path):
    settings = dataclasses.replace(
        small_settings, epochs=1, batch_size=40, path_save_model=str(tmp_path / "one")
    )
    one = train(settings)  # the last batch has fewer records
    command = [sys.executable, "-c", _TWO_CPUS, f"--flagfile={one.path / 'flags.cfg'}"]
    command += ["-strategy", "mirrored", "-path_save_model", tmp_path / "two"]
    subprocess.run(command, check=True)
    two = RunFolder.open(tmp_path / "two")
    np.testing.assert_allclose(two.history()["loss"], one.history()["loss"], rtol=1e-3)
    np.testing.assert_allclose(two.history()["val_loss"], one.history()["val_loss"], rtol=1e-3)
