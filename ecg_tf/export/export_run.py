"""Export of a run: SavedModel, LiteRT or ONNX."""

from __future__ import annotations

import importlib
import os

from absl import logging

from ecg_tf.errors import InputError
from ecg_tf.export.check import Check, check_export
from ecg_tf.files import new_folder
from ecg_tf.places import check_new_folder
from ecg_tf.runs.ecg_classifier import ECGClassifier
from ecg_tf.runs.precision import disable_tf32
from ecg_tf.runs.run_folder import RunFolder

# {format: the module and its function that writes it}
_WRITERS = {
    "saved_model": ("ecg_tf.export.saved_model", "write_saved_model"),
    "litert": ("ecg_tf.export.litert", "write_litert"),
    "onnx": ("ecg_tf.export.onnx", "write_onnx"),
}


def export_run(
    path_model: str | os.PathLike, export_dir: str | os.PathLike, form: str = "saved_model"
) -> Check:
    """Write a finished run as an export, and check it against the run.

    The export takes raw ECGs and predicts as `ECGClassifier.predict` does. It contains
    `ECGClassifier.description`.

    Args:
        path_model: the run folder, "pretrained:NAME" or "hf://OWNER/NAME".
        export_dir: the folder to write, missing or empty; it appears whole and checked, or not at
            all.
        form: "saved_model", "litert" or "onnx".

    Returns:
        The `Check` of the export: its size, speed and difference from the run.

    Raises:
        InputError: a run that has not finished, a folder in use or that cannot be made, a format
            that cannot hold the network or whose packages are not installed, an export that fails
            the check.

    Examples:
        >>> from ecg_tf.export.export_run import export_run
        >>> export_run("pretrained:gru", "gru_onnx", form="onnx").table()  # doctest: +SKIP
        >>> export_run("pretrained:gru", "gru_torch", form="torch")
        Traceback (most recent call last):
            ...
        ecg_tf.errors.InputError: format 'torch': expected one of saved_model, litert, onnx
    """
    check_new_folder(export_dir)
    if form not in _WRITERS:
        raise InputError(f"format {form!r}: expected one of {', '.join(_WRITERS)}")
    module, function = _WRITERS[form]
    write = getattr(importlib.import_module(module), function)
    disable_tf32()
    classifier = ECGClassifier(RunFolder.open(path_model))
    with new_folder(export_dir) as written:
        logging.info("%s: writing the %s export", path_model, form)
        write(classifier, written)
        logging.info("%s: checking the export in a separate process", path_model)
        return check_export(classifier, form, written)
