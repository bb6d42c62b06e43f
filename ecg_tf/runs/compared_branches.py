"""The branches of a fusion among compared runs."""

from ecg_tf.errors import InputError
from ecg_tf.evaluation.compared_run import IMAGE, SIGNAL, Branch
from ecg_tf.pretrained.hub import is_on_hub
from ecg_tf.pretrained.shipped import last_name, place


def branches(fusion, others):
    """Find the two `Branch`es of a fusion.

    A run is a branch if its path is the one that the fusion was trained with (-signal_run,
    -image_run), or, if run folders have moved since, if its folder has the same name. Networks of
    the Hugging Face Hub are told by their name, without a download. If the
    metadata of the fusion have the time at which the training of the backbone started, only a run
    of that time is the branch, whatever its folder.

    Args:
        fusion: the `RunFolder` of a two-branch network.
        others: {name: `RunFolder`} of all runs that it is compared with.
    """
    # Shipped and converted networks may have no flags.
    flags = fusion.flags if (fusion.path / "flags.cfg").is_file() else {}
    backbones = fusion.metadata.backbones or {}
    return tuple(
        _branch(kind, flags.get(f"{kind}_run"), backbones.get(kind), others)
        for kind in (SIGNAL, IMAGE)
    )


def _branch(kind, path, backbone, others):
    """Find the `Branch` of a kind.

    Args:
        kind: `SIGNAL` or `IMAGE`.
        path: run folder of the backbone in the fusion's flags; None if they have none.
        backbone: the `Component` of the fusion; None in older runs.
        others: see `branches`.
    """
    source = path or (backbone and backbone.name)
    if source is None:
        what = f"its {kind} branch" + (f" ({backbone.model})" if backbone else "")
        return Branch(kind, missing=f"{what} is no run of its own; train it alone, too, and add it")
    fitting = {
        name: run
        for name, run in others.items()
        if run.input_spec.kind == kind and _agrees(run.metadata, backbone)
    }
    there = _place(path)
    ways = [[name for name, run in fitting.items() if there and run.path.resolve() == there]]
    if backbone and backbone.started is not None:
        ways += [_called(source, fitting), list(fitting)]
    elif not (there and there.exists()):  # where it is still there, another is another training
        ways.append(_called(source, fitting))
    found = next(filter(None, ways), [])
    if len(found) == 1:
        return Branch(kind, found[0])
    if found:
        return Branch(kind, missing=f"its {kind} branch {source} may be {' or '.join(found)}")
    return Branch(kind, missing=f"its {kind} branch {source} is not among those compared; add it")


def _agrees(metadata, backbone):
    """True if a run can be the `Component` of a fusion."""
    expected = {
        name: getattr(backbone, name, None) for name in ("model", "hyperparameters", "started")
    }
    return all(
        getattr(metadata, name) == value for name, value in expected.items() if value is not None
    )


def _place(path):
    """The folder of a run, all links followed; None if it is not known without a download."""
    if path is None or is_on_hub(path):
        return None
    try:
        return place(path).resolve()
    except InputError:  # a shipped network that is not shipped any more
        return None


def _called(source, runs):
    """The names of the runs that are called as `source`, a path or a name, or as its last part."""
    same = [name for name, run in runs.items() if run.name == source]
    return same or [n for n, run in runs.items() if last_name(run.name) == last_name(source)]
