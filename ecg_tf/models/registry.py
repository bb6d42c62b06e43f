"""The registry of networks by name."""

import dataclasses
import inspect
from collections.abc import Callable

import keras

from ecg_tf.errors import InputError
from ecg_tf.leads import SAMPLING_RATE
from ecg_tf.models.alexnet import alexnet
from ecg_tf.models.alexnet_attention import alexnet_attention
from ecg_tf.models.band_resnet import band_resnet
from ecg_tf.models.bigru import bigru
from ecg_tf.models.bilstm import bilstm
from ecg_tf.models.cnn import cnn
from ecg_tf.models.cnn_gru import cnn_gru
from ecg_tf.models.cnn_lstm import cnn_lstm
from ecg_tf.models.early_fusion import early_fusion
from ecg_tf.models.gru import gru
from ecg_tf.models.gru_attention import gru_attention
from ecg_tf.models.joint_fusion import joint_fusion
from ecg_tf.models.late_fusion import late_fusion
from ecg_tf.models.lstm import lstm
from ecg_tf.models.resnet import resnet
from ecg_tf.models.resnet1d import resnet1d
from ecg_tf.models.rnn import rnn
from ecg_tf.models.s4 import s4
from ecg_tf.models.vgg import vgg
from ecg_tf.models.weighted_fusion import weighted_fusion

_RATE = "sampling_rate"


@dataclasses.dataclass(frozen=True)
class Entry:
    """A network of the registry.

    Attributes:
        function: function that builds the network as a keras.Model, from (input_shape, classes,
            hyper-parameters), or for input kind "ecg" from (signal, image, hyper-parameters), its
            two backbones. Each layer with weights must be named, because weights are saved and
            loaded by the names of layers.
        input_kind: the input of the network: "image", "signal", or "ecg" for a network of both
            kinds of backbones.
    """

    function: Callable
    input_kind: str

    @property
    def hyperparameters(self) -> dict[str, object]:
        """The names of what can be set, {name: default}."""
        return {name: default for name, default in self._parameters.items() if name != _RATE}

    @property
    def depends_on_rate(self) -> bool:
        """True if the network is another one for signals of another sampling rate."""
        return _RATE in self._parameters

    @property
    def _parameters(self) -> dict[str, object]:
        """{name: default} of the function, without its first two parameters."""
        parameters = inspect.signature(self.function).parameters.values()
        return {p.name: p.default for p in list(parameters)[2:]}


MODELS = {
    "alexnet": Entry(alexnet, input_kind="image"),
    "alexnet_attention": Entry(alexnet_attention, input_kind="image"),
    "resnet": Entry(resnet, input_kind="image"),
    "band_resnet": Entry(band_resnet, input_kind="image"),
    "vgg": Entry(vgg, input_kind="image"),
    "cnn": Entry(cnn, input_kind="image"),
    "gru": Entry(gru, input_kind="signal"),
    "bigru": Entry(bigru, input_kind="signal"),
    "gru_attention": Entry(gru_attention, input_kind="signal"),
    "rnn": Entry(rnn, input_kind="signal"),
    "lstm": Entry(lstm, input_kind="signal"),
    "bilstm": Entry(bilstm, input_kind="signal"),
    "cnn_gru": Entry(cnn_gru, input_kind="signal"),
    "cnn_lstm": Entry(cnn_lstm, input_kind="signal"),
    "resnet1d": Entry(resnet1d, input_kind="signal"),
    "s4": Entry(s4, input_kind="signal"),
    "weighted_fusion": Entry(weighted_fusion, input_kind="ecg"),
    "late_fusion": Entry(late_fusion, input_kind="ecg"),
    "early_fusion": Entry(early_fusion, input_kind="ecg"),
    "joint_fusion": Entry(joint_fusion, input_kind="ecg"),
}


def find(name: str) -> Entry:
    """Find a network in the registry.

    Args:
        name: one of `MODELS`.

    Returns:
        Its `Entry`.

    Raises:
        InputError: unknown name.

    Examples:
        >>> from ecg_tf.models import find
        >>> find("gru").input_kind
        'signal'
    """
    if name not in MODELS:
        raise InputError(f"model {name!r}: expected one of {', '.join(MODELS)}")
    return MODELS[name]


def build(
    name: str,
    input_shape: tuple[int, ...] | None = None,
    classes: int | None = None,
    signal: keras.Model | None = None,
    image: keras.Model | None = None,
    sampling_rate: int = SAMPLING_RATE,
    **hyperparameters: object,
) -> keras.Model:
    """Build a network by name.

    Args:
        name: one of `MODELS`.
        input_shape: shape of the images or signals without the batch axis; for networks with the
            input "image" or "signal".
        classes: number of classes; for networks with the input "image" or "signal".
        signal: signal network; for networks with the input "ecg".
        image: image network; for networks with the input "ecg".
        sampling_rate: sampling rate of the signals, Hz, 100 to 1000.
        **hyperparameters: hyper-parameters of the network; None stands for the default.

    Returns:
        Model to float32 logits (batch, class).

    Raises:
        InputError: unknown network or hyper-parameter.

    Examples:
        >>> from ecg_tf.models import build
        >>> build("gru", (1000, 12), 5, hidden_size=16).output_shape
        (None, 5)
    """
    entry = find(name)
    given = {key: value for key, value in hyperparameters.items() if value is not None}
    foreign = [key for key in given if key not in entry.hyperparameters]
    if foreign:
        raise InputError(
            f"{name} has no {', '.join(foreign)}; it has {', '.join(entry.hyperparameters)}"
        )
    if entry.depends_on_rate:
        given[_RATE] = sampling_rate
    made_of = (signal, image) if entry.input_kind == "ecg" else (input_shape, classes)
    return entry.function(*made_of, **given)
