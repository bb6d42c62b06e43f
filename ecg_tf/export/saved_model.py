"""A run as a TensorFlow SavedModel that takes the raw ECG."""

import tempfile
from pathlib import Path

import keras
import tensorflow as tf

from ecg_tf.errors import InputError
from ecg_tf.export.answers import Answers
from ecg_tf.layers.gru import portable
from ecg_tf.leads import LEADS, SAMPLES
from ecg_tf.training.run_folder import RunFolder


def export_saved_model(path_model, export_dir):
    """Write a finished run as a SavedModel; to be loaded and asked it needs TensorFlow alone.

    Its signatures:
        serving_default: `ecg_mv` to `probabilities`, `decisions` and `valid`, and
        images, or signals: for a network that takes them, `images` or `signals` to `probabilities`
            and `decisions`; all as `Answers` describes them;
        describe: nothing to `class_names`, `thresholds`, `leads` (those looked at) and `simulated`
            (true if trained on simulated ECGs).

    Args:
        path_model: the run folder.
        export_dir: the folder to write, missing or empty; it appears whole or not at all.

    Raises:
        InputError: a run that is not finished, a folder in use.
    """
    export_dir = Path(export_dir).absolute()
    if export_dir.exists() and (not export_dir.is_dir() or any(export_dir.iterdir())):
        raise InputError(f"{export_dir}: already in use, expected a missing or empty folder")
    answers = Answers(RunFolder.open(path_model))

    def describe():
        return {
            "class_names": tf.constant(answers.class_names),
            "thresholds": tf.constant(answers.thresholds),
            "leads": tf.constant(answers.leads),
            "simulated": tf.constant(answers.simulated),
        }

    archive = keras.export.ExportArchive()
    archive.track(answers.network)
    endpoints = [
        ("serving_default", answers.from_ecg, {"ecg_mv": (None, SAMPLES, len(LEADS))}),
        ("describe", describe, {}),
    ]
    if answers.takes != "ecg":
        name = f"{answers.takes}s"
        endpoints.append((name, answers.from_input, {name: answers.network.input_shape}))
    with portable():
        for name, function, inputs in endpoints:
            signature = [tf.TensorSpec(shape, tf.float32, key) for key, shape in inputs.items()]
            archive.add_endpoint(name, tf.function(function, input_signature=signature))
    export_dir.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=export_dir.parent) as scratch:
        written = Path(scratch) / export_dir.name
        archive.write_out(written, verbose=False)
        written.replace(export_dir)
