import keras
import numpy as np
import pytest

from ecg_tf.layers import StateSpace
from ecg_tf.training.optimizers import optimizer

GRADIENTS = np.array([[0.5, -1.0, 2.0], [0.1, 0.2, -0.3], [1.0, 1.0, 1.0]], np.float32)
START = np.array([1.0, -2.0, 0.5], np.float32)


def after_steps(chosen):
    variable = keras.Variable(START)
    chosen.build([variable])
    for gradient in GRADIENTS:
        chosen.apply([keras.ops.convert_to_tensor(gradient)])
    return np.asarray(variable.value)


def apply(chosen, gradients, weights):
    """Apply gradients as Keras' trainers do: under JAX, a function of all values."""
    if keras.backend.backend() != "jax":
        chosen.apply(gradients)
        return
    state = chosen.variables
    values = chosen.stateless_apply(
        [variable.value for variable in state], gradients, [weight.value for weight in weights]
    )
    for variables, new in zip((weights, state), values, strict=True):
        for variable, value in zip(variables, new, strict=True):
            variable.assign(value)


def sgd_by_hand(rate, decay):
    weight = START.astype(np.float64)
    for gradient in GRADIENTS:
        weight = weight - rate * (gradient + decay * weight)
    return weight


def adam_by_hand(rate, decay, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """Kingma & Ba 2015, algorithm 1, with the L2 penalty's gradient added."""
    weight, m, v = START.astype(np.float64), 0.0, 0.0
    for step, gradient in enumerate(GRADIENTS, start=1):
        total = gradient + decay * weight
        m = beta1 * m + (1 - beta1) * total
        v = beta2 * v + (1 - beta2) * total**2
        weight = weight - rate * (m / (1 - beta1**step)) / (
            np.sqrt(v / (1 - beta2**step)) + epsilon
        )
    return weight


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_sgd_has_no_momentum_and_decays_through_the_gradient(decay):
    found = after_steps(optimizer("sgd", 0.1, decay))
    np.testing.assert_allclose(found, sgd_by_hand(0.1, decay), rtol=1e-6)


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_adam_decays_through_the_gradient(decay):
    found = after_steps(optimizer("adam", 0.1, decay))
    np.testing.assert_allclose(found, adam_by_hand(0.1, decay), rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "keras_own"),
    [
        ("sgd", keras.optimizers.SGD(0.1)),
        ("adam", keras.optimizers.Adam(0.1, epsilon=1e-8)),
        ("adamw", keras.optimizers.AdamW(0.1, weight_decay=0.0, epsilon=1e-8)),
    ],
)
def test_steps_and_state_equal_those_of_keras(name, keras_own):
    found = optimizer(name, 0.1)
    np.testing.assert_allclose(after_steps(found), after_steps(keras_own), rtol=1e-5)
    for state, expected in zip(found.variables, keras_own.variables, strict=True):
        np.testing.assert_allclose(state, expected, rtol=2e-5)


@pytest.mark.torch
@pytest.mark.parametrize("name", ["sgd", "adam", "adamw"])
def test_steps_equal_pytorchs(name):
    torch = pytest.importorskip("torch", reason="needs PyTorch: bin/test torch")
    weight = torch.nn.Parameter(torch.tensor(START))
    kinds = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
    theirs = kinds[name]([weight], lr=0.1, weight_decay=0.1)
    for gradient in GRADIENTS:
        weight.grad = torch.tensor(gradient)
        theirs.step()
    found = after_steps(optimizer(name, 0.1, 0.1))
    np.testing.assert_allclose(found, weight.detach().numpy(), rtol=1e-5)


@pytest.mark.parametrize("scale_loss", [False, True])
def test_gradients_are_clipped_before_the_decay(scale_loss):
    """And where the loss is scaled, it is the norm of the gradients of the loss itself."""
    chosen = optimizer("sgd", 0.1, l2_decay=0.1, clip_norm=1.0, scale_loss=scale_loss)
    variables = [keras.Variable(START), keras.Variable(START)]
    chosen.build(variables)
    gradients = GRADIENTS[:2]
    scale = float(chosen.scale_loss(1.0))
    assert scale == (2.0**15 if scale_loss else 1.0)
    apply(
        chosen, [keras.ops.convert_to_tensor(scale * gradient) for gradient in gradients], variables
    )
    norm = np.sqrt((gradients**2).sum())
    for variable, gradient in zip(variables, gradients, strict=True):
        expected = START - 0.1 * (gradient / norm + 0.1 * START)
        np.testing.assert_allclose(variable.value, expected, rtol=1e-5)


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw"])
@pytest.mark.parametrize("scale_loss", [False, True])
def test_poles_and_step_sizes_of_state_spaces_do_not_decay(name, scale_loss):
    layer = StateSpace()
    layer.build((None, None, 2))
    before = {weight.name: weight.numpy() for weight in layer.weights}
    chosen = optimizer(name, 0.1, 0.1, scale_loss=scale_loss)
    chosen.build(layer.weights)
    apply(chosen, [keras.ops.zeros(weight.shape) for weight in layer.weights], layer.weights)
    kept = {w.name for w in layer.weights if np.array_equal(w.numpy(), before[w.name])}
    assert kept == {"log_step", "log_decay", "frequency"}
