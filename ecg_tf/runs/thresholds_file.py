"""Checks of thresholds.json in a run folder."""

from ecg_tf.errors import InputError, quoted
from ecg_tf.evaluation.thresholds import METHODS
from ecg_tf.runs.json_values import is_number, is_text, unexpected


def check_thresholds(content, class_names, name):
    """Check the thresholds of a finished run.

    Args:
        content: the dictionary of thresholds.json.
        class_names: the classes of the run.
        name: what errors call the file.

    Returns:
        `content`.

    Raises:
        InputError: thresholds of other classes or outside 0 to 1, an unknown method or partition.
    """
    thresholds = content.get("thresholds")
    if not isinstance(thresholds, dict) or set(thresholds) != set(class_names):
        raise InputError(
            f"{name}: thresholds of {quoted(str(thresholds))}, expected those of "
            f"{', '.join(class_names)}"
        )
    for label, value in thresholds.items():
        if not is_number(value, 0, 1):
            raise InputError(f"{name}: threshold {label} {quoted(str(value))}, expected 0 to 1")
    method = content.get("method")
    if not is_text(method) or method not in METHODS:
        raise InputError(f"{name}: {unexpected('method', method, ' or '.join(METHODS))}")
    partition = content.get("partition")
    if partition is not None and partition not in ("train", "dev", "test"):
        raise InputError(f"{name}: {unexpected('partition', partition, 'train, dev or test')}")
    return content
