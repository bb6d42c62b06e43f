"""Reading the logs that training writes for TensorBoard, with TensorBoard's own reader."""

import math

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util.tensor_util import make_ndarray


def figures(folder):
    """The figures in the event files of a folder: {tag: {step: number}}."""
    events = EventAccumulator(str(folder), size_guidance={"tensors": 0})  # 0: all steps
    events.Reload()
    return {
        tag: {event.step: float(make_ndarray(event.tensor_proto)) for event in events.Tensors(tag)}
        for tag in events.Tags()["tensors"]
    }


def assert_same_as_history(run):
    """The logs of a `RunFolder` have the figures of its history.csv, and no others."""
    history = run.history()
    epochs = [int(epoch) for epoch in history.pop("epoch")]
    found = {}
    for folder, prefix in (("train", ""), ("validation", "val_")):
        for tag, numbers in figures(run.logs / folder).items():
            found[prefix + tag.removeprefix("epoch_")] = numbers
    assert found.keys() == history.keys()
    for column, numbers in found.items():
        assert sorted(numbers) == [epoch - 1 for epoch in epochs], column
        for epoch, expected in zip(epochs, history[column], strict=True):
            value = numbers[epoch - 1]
            assert math.isclose(value, expected, rel_tol=1e-6) or math.isnan(value + expected)
