"""Steps of training and inference as JAX compiles them."""

import dataclasses
import functools

import keras

from ecg_tf.input_spec import InputSpec
from ecg_tf.models import build, find, fold_batch_normalization, from_ecg, preprocessor
from ecg_tf.training.loss import ORIGINAL_POS_WEIGHT, WeightedCrossEntropy
from ecg_tf.training.optimizers import optimizer

_LABELS = 4
_BACKBONES = {"weighted_fusion": ("gru", "band_resnet")}  # (signal, image)
_OTHER_BACKBONES = ("bigru", "alexnet")  # as in the study


@dataclasses.dataclass(frozen=True)
class Program:
    """A step of a network on a batch.

    Attributes:
        network: name of the network.
        policy: Keras dtype policy.
        input: "raw" for ECGs, from which the step computes the network's input; "ready" for it.
        work: "train" or "infer".
        batch: number of records.
        sizes: hyper-parameters, {name: value}.
        options: of the network's `InputSpec`, {name: value}.
    """

    network: str
    policy: str
    input: str
    work: str
    batch: int
    sizes: dict = dataclasses.field(default_factory=dict)
    options: dict = dataclasses.field(default_factory=dict)

    @property
    def spec(self):
        """The `InputSpec` of the network."""
        return InputSpec(find(self.network).input_kind, **self.options)

    def model(self):
        """The network as `ecg_tf train` or `ecg_tf evaluate` builds it."""
        keras.config.set_dtype_policy(self.policy)
        spec = self.spec
        if spec.kind == "ecg":
            signal, image = _BACKBONES.get(self.network, _OTHER_BACKBONES)
            branches = {
                branch: build(name, spec.backbone(branch).shape, _LABELS)
                for branch, name in (("signal", signal), ("image", image))
            }
            model = build(self.network, **branches)
        else:
            model = build(self.network, spec.shape, _LABELS, **self.sizes)
        if self.work == "infer":
            fold_batch_normalization(model)
        if spec.kind != "ecg" and self.input == "raw":
            model = from_ecg(model, preprocessor(spec), spec.ecg_shape)
        if self.work == "train":
            chosen = optimizer("sgd", 0.01, scale_loss=self.policy == "mixed_float16")
            model.compile(chosen, WeightedCrossEntropy(ORIGINAL_POS_WEIGHT), auto_scale_loss=False)
            model.optimizer.build(model.trainable_variables)
        return model

    def lower(self):
        """Lower the step.

        Returns:
            The step as `jax.stages.Lowered`, and a function that makes its arguments: the state and
            a batch of random numbers. A training step returns the new state, and deletes the old.
        """
        import jax

        model = self.model()
        shape = (self.batch, *(self.spec.ecg_shape if self.input == "raw" else self.spec.shape))
        x = jax.ShapeDtypeStruct(shape, "float32")
        if self.work == "train":
            labels = jax.ShapeDtypeStruct((self.batch, _LABELS), "float32")
            step = jax.jit(model.train_step, donate_argnums=0)
            lowered = step.lower(_state(model), (x, labels))
        else:
            lowered = jax.jit(functools.partial(_logits, model)).lower(_weights(model), x)
        return lowered, functools.partial(self._arguments, model, shape)

    def _arguments(self, model, shape):
        import jax
        import jax.numpy as jnp

        draw = jax.random.normal if len(shape) == 3 else jax.random.uniform
        x = draw(jax.random.key(0), shape)
        if self.work == "infer":
            return _weights(model), x
        labels = jax.random.uniform(jax.random.key(1), (self.batch, _LABELS)) < 0.25
        return jax.tree.map(jnp.copy, _state(model)), (x, jnp.float32(labels))

    def row(self):
        """What tables say of it."""
        names = ("network", "policy", "input", "work", "batch")
        return {name: getattr(self, name) for name in names}


def _logits(model, weights, x):
    return model.stateless_call(*weights, x, training=False)[0]


def _weights(model):
    return [_values(model.trainable_variables), _values(model.non_trainable_variables)]


def _state(model):
    return (
        *_weights(model),
        _values(model.optimizer.variables),
        _values(model.metrics_variables),
    )


def _values(variables):
    return [variable.value for variable in variables]


def memory(compiled):
    """Memory that a compiled step needs, MB."""
    analysis = compiled.memory_analysis()
    return (analysis.temp_size_in_bytes + analysis.argument_size_in_bytes) / 1e6


def repeated(compiled, work, state, batch):
    """Function that runs a compiled step a number of times and waits for the last."""
    import jax

    def run(steps):
        nonlocal state
        for _ in range(steps):
            found = compiled(state, batch)
            if work == "train":
                _, state = found
        jax.block_until_ready(found)

    return run
