"""A run as a file that others can ask: SavedModel, LiteRT or ONNX."""

import importlib
import tempfile
from pathlib import Path

from ecg_tf.errors import InputError
from ecg_tf.export.answers import Answers
from ecg_tf.export.check import check_export
from ecg_tf.training.devices import exact_float32
from ecg_tf.training.run_folder import RunFolder

# {format: the module and its function that writes it}
_WRITERS = {
    "saved_model": ("ecg_tf.export.saved_model", "write_saved_model"),
    "litert": ("ecg_tf.export.litert", "write_litert"),
    "onnx": ("ecg_tf.export.onnx", "write_onnx"),
}


def export_run(path_model, export_dir, form="saved_model"):
    """Write a finished run as an export, and check it against the run.

    It takes the raw ECG and answers as `Answers.from_ecg` does; `Answers.description` is inside it.

    Args:
        path_model: the run folder, or "pretrained:NAME".
        export_dir: the folder to write, missing or empty; it appears whole and checked, or not at
            all.
        form: "saved_model", "litert" or "onnx".

    Returns:
        `Check`.

    Raises:
        InputError: a run that is not finished, a folder in use, a format that cannot hold the
            network or needs packages that are not installed, an export that fails the check.
    """
    export_dir = Path(export_dir).absolute()
    if export_dir.exists() and (not export_dir.is_dir() or any(export_dir.iterdir())):
        raise InputError(f"{export_dir}: already in use, expected a missing or empty folder")
    if form not in _WRITERS:
        raise InputError(f"format {form!r}: expected one of {', '.join(_WRITERS)}")
    module, function = _WRITERS[form]
    write = getattr(importlib.import_module(module), function)
    exact_float32()
    answers = Answers(RunFolder.open(path_model))
    export_dir.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=export_dir.parent) as scratch:
        written = Path(scratch) / export_dir.name
        write(answers, written)
        check = check_export(answers, form, written)
        written.replace(export_dir)
    return check
