"""The copy of a finished run that leaves its machine: shipped, or published."""

import json
import re

import numpy as np

from ecg_tf.errors import InputError
from ecg_tf.files import parse_json, write_atomically
from ecg_tf.models.frozen import Frozen
from ecg_tf.pretrained.hub import HUB
from ecg_tf.pretrained.shipped import PREFIX, is_name, names
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.shipping.half_precision import save_half_precision

_PLACES = (
    "data",
    "path_save_model",
    "image_cache",
    "teacher_runs",
    "members",
    "initial_run",
    "signal_run",
    "image_run",
)


def copy_run(run, folder, seen=None, share_backbones=False):
    """Write a copy of a finished run with float16 weights and without paths of this machine.

    flags.cfg and history.csv are copied where the run has them.

    Args:
        run: the `RunFolder`.
        folder: pathlib.Path to make.
        seen: the `ecg_tf.data.seen.Seen` of the records that the run has seen. None to write no
            seen.npz.
        share_backbones: True to leave out the weights of frozen backbones that are those of shipped
            networks; the copy reads them from there.

    Returns:
        The `RunFolder` of the copy.

    Raises:
        InputError: a weight that float16 cannot hold, or a text with a path.
    """
    folder.mkdir()
    written = RunFolder(folder)
    network = run.network()
    shared = _shared_backbones(run.metadata, network) if share_backbones else {}
    save_half_precision(network, written.model_file, without=shared)
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
    texts["about.json"] = _with_shared(texts["about.json"], shared)
    for file, text in texts.items():
        _check_no_path(run, file, text)
        write_atomically(folder / file, text)
    return written


def _shared_backbones(metadata, network):
    """{network: "pretrained:NAME"} of the frozen backbones with the weights of a shipped one."""
    shared = {}
    known = {f"{PREFIX}{name}" for name in names()}
    for backbone in (metadata.backbones or {}).values():
        layer = network.get_layer(backbone.model)
        if backbone.name not in known or not isinstance(layer, Frozen):
            continue
        theirs = RunFolder.open(backbone.name)
        ours, others = layer.layer.get_weights(), theirs.network().get_weights()
        alike = len(ours) == len(others) and all(map(np.array_equal, ours, others))
        if alike and backbone.started == theirs.metadata.started:
            shared[backbone.model] = backbone.name
    return shared


def _with_shared(text, shared):
    """The text of about.json whose backbones name the networks that have their weights."""
    content = parse_json(text, "about.json")
    for backbone in (content.get("trunks") or {}).values():
        backbone["weights"] = shared.get(backbone["model"])
    return json.dumps(content, indent=2) + "\n"


def _check_no_path(run, file, text):
    for line in text.splitlines():
        rest = re.sub(rf"{HUB}[\w.@/-]+", "", line)
        for name in run.metadata.class_names:
            rest = rest.replace(name, "")
        if "/" in rest:
            raise InputError(f"{run.path / file}: {line.strip()!r}: holds a path, expected none")
