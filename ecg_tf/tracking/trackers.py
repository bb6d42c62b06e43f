"""The trackers."""

from ecg_tf.errors import InputError
from ecg_tf.tracking.mlflow_run import MLflowRun
from ecg_tf.tracking.wandb_run import WandbRun

_RUNS = {"mlflow": MLflowRun, "wandb": WandbRun}

TRACKERS = ("none", *_RUNS)

# {tracker: the environment variable that has the address of its server}
ADDRESSES = {"mlflow": "MLFLOW_TRACKING_URI", "wandb": "WANDB_BASE_URL"}


def load_tracker(name):
    """Import the library of a tracker.

    Args:
        name: one of `TRACKERS`, but not "none".

    Returns:
        An `MLflowRun` or a `WandbRun`, to be opened.

    Raises:
        InputError: an unknown tracker, or a library that is not installed.
    """
    if name not in _RUNS:
        raise InputError(f"tracker {name!r}: expected {' or '.join(TRACKERS)}")
    return _RUNS[name]()
