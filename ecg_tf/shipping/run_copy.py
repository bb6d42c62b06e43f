"""The copy of a finished run that leaves its machine: shipped, or published."""

import re

from ecg_tf.errors import InputError
from ecg_tf.files import write_atomically
from ecg_tf.pretrained.hub import HUB
from ecg_tf.pretrained.shipped import is_name
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.shipping.half_precision import save_half_precision

_PLACES = (
    "data",
    "path_save_model",
    "image_cache",
    "teacher_runs",
    "initial_run",
    "signal_run",
    "image_run",
)


def copy_run(run, folder, seen=None):
    """Write a copy of a finished run with float16 weights and without paths of this machine.

    flags.cfg and history.csv are copied where the run has them.

    Args:
        run: the `RunFolder`.
        folder: pathlib.Path to make.
        seen: the `ecg_tf.data.seen.Seen` of the records that the run has seen. None to write no
            seen.npz.

    Returns:
        The `RunFolder` of the copy.

    Raises:
        InputError: a weight that float16 cannot hold, or a text with a path.
    """
    folder.mkdir()
    written = RunFolder(folder)
    save_half_precision(run.network(), written.model_file)
    if seen is not None:
        seen.save(written.seen_file)
    texts = {
        file: (run.path / file).read_text("utf-8")
        for file in ("about.json", "thresholds.json", "history.csv")
        if (run.path / file).is_file()
    }
    if (run.path / "flags.cfg").is_file():
        texts["flags.cfg"] = "".join(
            f"--{flag}={value}\n"
            for flag, value in run.flags.items()
            if flag not in _PLACES or all(map(is_name, value.split(",")))
        )
    for file, text in texts.items():
        _check_no_path(run, file, text)
        write_atomically(folder / file, text)
    return written


def _check_no_path(run, file, text):
    for line in text.splitlines():
        rest = re.sub(rf"{HUB}[\w.@/-]+", "", line)
        for name in run.metadata.class_names:
            rest = rest.replace(name, "")
        if "/" in rest:
            raise InputError(f"{run.path / file}: {line.strip()!r}: holds a path, expected none")
