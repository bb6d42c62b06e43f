"""Finished runs whose networks become backbones of another."""

from ecg_tf.errors import InputError
from ecg_tf.models import find
from ecg_tf.runs.run_folder import RunFolder


def open_backbone(branch, path, wanted):
    """The finished run whose network is to be a backbone.

    Args:
        branch: "signal" or "image", which the network must take.
        path: the run folder, or "pretrained:NAME".
        wanted: {key of the run's `about`: value that it must have}.

    Raises:
        InputError: a run that does not fit.
    """
    run = RunFolder.open(path)
    input_kind = find(run.about["model"]).input_kind
    if input_kind != branch:
        raise InputError(
            f"{branch}_run {path}: {run.about['model']} takes the {input_kind}, not the {branch}"
        )
    check_about_values(f"{branch}_run", run, wanted)
    return run


def check_about_values(flag, run, wanted):
    for key, value in wanted.items():
        found = run.about[key]
        if found != value:
            raise InputError(f"{flag} {run.path}: {key} {_shown(found)}, expected {_shown(value)}")


def _shown(value):
    return ",".join(value) if isinstance(value, list) else value
