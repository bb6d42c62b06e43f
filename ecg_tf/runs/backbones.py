"""Finished runs that give a new network its weights."""

from ecg_tf.errors import InputError
from ecg_tf.runs.run_folder import RunFolder


def open_backbone(branch, path):
    """The finished run of a backbone.

    Args:
        branch: "signal" or "image", the input that its network must take.
        path: the run folder, "pretrained:NAME" or "hf://OWNER/NAME".

    Raises:
        InputError: no finished run, an ensemble, or a network of another input.
    """
    run = RunFolder.open(path)
    if run.metadata.members:
        raise InputError(f"{branch}_run {path}: an ensemble, expected a single network")
    if run.input_spec.kind != branch:
        raise InputError(
            f"{branch}_run {path}: {run.metadata.model} takes the {run.input_spec.kind}, not the "
            f"{branch}"
        )
    return run


def check_fits(flag, run, class_names, spec, any_image_size=False):
    """Check that a run has the classes and the input of a new network.

    Args:
        flag: name of the flag that the run was given by, for errors.
        run: the finished `RunFolder`.
        class_names: the classes of the new network.
        spec: `ecg_tf.input_spec.InputSpec` that its network must have.
        any_image_size: True to accept images of another size.

    Raises:
        InputError: the first difference.
    """
    metadata = run.metadata
    found = {"class_names": metadata.class_names, **vars(metadata.input_spec)}
    expected = {"class_names": tuple(class_names), **vars(spec)}
    for name, value in expected.items():
        if found[name] != value and not (any_image_size and name == "image_size"):
            raise InputError(
                f"{flag} {run}: {name} {_shown(found[name])}, expected {_shown(value)}"
            )


def _shown(value):
    return ",".join(value) if isinstance(value, tuple) else value
