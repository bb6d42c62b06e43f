"""Assembling what a run trains: the network, and the models around it."""

import dataclasses

import keras

from ecg_tf.data.batches.examples import ECGs
from ecg_tf.errors import InputError
from ecg_tf.input_spec import InputSpec
from ecg_tf.layers import Augmentation, RandomWindow
from ecg_tf.models import from_ecg, preprocessor
from ecg_tf.training.devices import Distribution, distribution, dtype_policy, on_own_device
from ecg_tf.training.flag_checks import check_weights_fit, window_of
from ecg_tf.training.loss import WeightedCrossEntropy
from ecg_tf.training.networks import build_network
from ecg_tf.training.optimizers import optimizer
from ecg_tf.training.schedules import cosine
from ecg_tf.training.statements import StatementLoss, with_statements
from ecg_tf.training.transfer import load_initial_weights, with_frozen_body


@dataclasses.dataclass(frozen=True)
class Assembly:
    """The networks and models of a run.

    Attributes:
        network: the network in training, under the dtype policy and for the windows of training.
        kept: the network that is saved, in float32 and for whole records; `network` itself if that
            is the same.
        model: the compiled model that is fitted: `network`, with its preprocessor and augmentation
            if the examples are ECGs, with a head for statements if they are trained on, and with a
            frozen body if only the head is trained.
        judged: the compiled model that is evaluated on dev: `kept`, with its preprocessor if the
            examples are ECGs.
        loss: the loss of the classes, which is evaluated on dev.
        policy: name of the Keras dtype policy of `network`.
        spec: `ecg_tf.input_spec.InputSpec` of `kept`.
        distribution: how the training of `model` is spread over devices.
    """

    network: keras.Model
    kept: keras.Model
    model: keras.Model
    judged: keras.Model
    loss: WeightedCrossEntropy
    policy: str
    spec: InputSpec
    distribution: Distribution


def assemble(settings, spec, data, statements, pos_weight, steps, gpu):
    """Build and compile the networks and models of a run.

    Args:
        settings: `ecg_tf.training.settings.Settings`.
        spec: `ecg_tf.input_spec.InputSpec` of the network for whole records.
        data: the train `ecg_tf.data.sources.Partition`.
        statements: SCP statements of the training records, (record, statement); None to train on
            the classes only.
        pos_weight: weights of the positive labels in the loss, (class,).
        steps: number of steps in an epoch.
        gpu: True if a GPU is used.

    Returns:
        The `Assembly`.

    Raises:
        InputError: settings that do not fit together, or runs that do not fit as backbones or for
            the initial weights, or `xla` that cannot be followed.
    """
    window = window_of(settings, spec)
    takes_ecgs = isinstance(data.source, ECGs)
    policy = dtype_policy(settings.mixed_precision, gpu)
    strategy = distribution(settings.strategy)
    if settings.batch_size % strategy.devices:
        raise InputError(
            f"batch_size {settings.batch_size}: expected a multiple of the "
            f"{strategy.devices} devices of -strategy {settings.strategy}"
        )
    with strategy.scope():
        network = kept = build_network(settings, data.class_names, policy, window)
        if settings.initial_run is not None:
            load_initial_weights(network, settings.initial_run, settings, data.class_names, spec)
        saved_apart = settings.window_seconds or settings.ema_momentum or settings.freeze_body
        if policy != "float32" or saved_apart or strategy.is_shared:
            with on_own_device():
                kept = build_network(settings, data.class_names, spec=spec)
            check_weights_fit(settings, network, kept)

        model, judged = with_frozen_body(network) if settings.freeze_body else network, kept
        loss = trained_loss = WeightedCrossEntropy(pos_weight)
        if statements is not None:
            model = with_statements(network, statements.shape[1])
            trained_loss = StatementLoss(loss, settings.statement_weight)
        if takes_ecgs:
            rate = spec.sampling_rate
            augmentation = Augmentation(sampling_rate=rate) if settings.augment else None
            cut = RandomWindow(window.samples) if window != spec else None
            model = from_ecg(model, preprocessor(window, cut), spec.ecg_shape, augmentation)
            with on_own_device():
                judged = from_ecg(kept, preprocessor(spec), spec.ecg_shape)

        jit_compile = {"auto": "auto", "on": True, "off": False}[settings.xla]
        judged.compile(jit_compile=jit_compile)
        model.compile(
            _optimizer(settings, policy, steps),
            trained_loss,
            auto_scale_loss=False,
            jit_compile=jit_compile,
        )
    _check_xla(settings, model)
    return Assembly(network, kept, model, judged, loss, policy, spec, strategy)


def _check_xla(settings, model):
    if settings.xla == "on" and not model.jit_compile:
        raise InputError(f"xla on: {settings.model} contains layers that XLA does not compile here")
    if settings.xla == "off" and keras.backend.backend() == "jax":
        raise InputError("xla off: JAX computes by XLA only; expected auto or on")


def _optimizer(settings, policy, steps):
    rate = settings.learning_rate
    if settings.schedule == "cosine":
        rate = cosine(rate, settings.epochs, steps, settings.warmup_epochs)
    return optimizer(
        settings.optimizer,
        rate,
        settings.l2_decay,
        settings.clip_norm,
        settings.ema_momentum,
        scale_loss=policy == "mixed_float16",
    )
