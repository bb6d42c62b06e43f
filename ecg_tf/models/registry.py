"""Networks by name."""

import dataclasses
import inspect
from collections.abc import Callable

from ecg_tf.errors import InputError
from ecg_tf.models.alexnet import alexnet


@dataclasses.dataclass(frozen=True)
class Entry:
    """A network of the registry.

    Attributes:
        function: builds it: (input_shape, classes, hyper-parameters) to keras.Model.
        takes: what it looks at: "image".
    """

    function: Callable
    takes: str

    @property
    def hyperparameters(self):
        """The names of what can be set, {name: default}."""
        parameters = inspect.signature(self.function).parameters.values()
        return {p.name: p.default for p in parameters if p.name not in ("input_shape", "classes")}


MODELS = {
    "alexnet": Entry(alexnet, takes="image"),
}


def find(name):
    """The registry's `Entry` of a network; an InputError with all names for any other."""
    if name not in MODELS:
        raise InputError(f"model {name!r}: expected one of {', '.join(MODELS)}")
    return MODELS[name]


def build(name, input_shape, classes, **hyperparameters):
    """Build the network `name`.

    Args:
        name: one of `MODELS`.
        input_shape: the network's input without its batch axis.
        classes: number of classes.
        **hyperparameters: of this network; those that are None keep their default.

    Returns:
        keras.Model to float32 logits (batch, class).

    Raises:
        InputError: an unknown network, or a hyper-parameter it does not have.
    """
    entry = find(name)
    given = {key: value for key, value in hyperparameters.items() if value is not None}
    foreign = [key for key in given if key not in entry.hyperparameters]
    if foreign:
        raise InputError(
            f"{name} has no {', '.join(foreign)}; it has {', '.join(entry.hyperparameters)}"
        )
    return entry.function(input_shape=input_shape, classes=classes, **given)
