import golden_networks as golden
import keras
import numpy as np
import pytest

from ecg_tf.models import resnet
from ecg_tf.training.loss import ORIGINAL_POS_WEIGHT
from ecg_tf.training.optimizers import optimizer


def test_has_the_parameters_of_the_study():
    assert sum(weight.numpy().size for weight in resnet().trainable_variables) == 1_494_356


def test_has_the_widths_of_its_filters():
    network = resnet((64, 64, 3), classes=2, nb_filters=4)
    assert network.get_layer("conv1").output.shape == (None, 32, 32, 4)
    for stage, shape in enumerate([(16, 16, 16), (8, 8, 32), (4, 4, 64), (2, 2, 128)], start=1):
        assert network.get_layer(f"stage{stage}_block1").output.shape == (None, *shape)
    assert network.output_shape == (None, 2)


# The third loss is 7e-4 off with 3.8 and 3.9.
@pytest.mark.skipif(
    keras.__version__.startswith(("3.8.", "3.9.")),
    reason="Keras before 3.10 is not float64 throughout",
)
@pytest.mark.torch
@pytest.mark.usefixtures("float64", "eagerly")
def test_learns_as_in_pytorch_in_float64():
    pytest.importorskip("torch", reason="needs PyTorch: bin/test torch")
    expected, mean, variance = steps_of_pytorch()
    found, norm = steps_of_keras()
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    np.testing.assert_allclose(norm.moving_mean, mean, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(norm.moving_variance, variance, rtol=1e-4)


def records(name):
    """Some of the golden records, and a quarter of their images, because float64 is slow."""
    found = golden.inputs()[name][:3]
    return found[:, :128, :128] if name == "image" else found


def steps_of_keras():
    """The losses before three SGD steps with L2 penalty, and the first batch normalisation."""
    network = resnet((128, 128, 9), classes=4)
    network.set_weights(golden.network("resnet50").get_weights())
    network.get_layer("logits").dtype_policy = keras.DTypePolicy("float64")

    def loss(labels, logits):
        weight = np.array(ORIGINAL_POS_WEIGHT)
        positive = weight * labels * keras.ops.softplus(-logits)
        return keras.ops.mean(positive + (1 - labels) * keras.ops.softplus(logits), axis=-1)

    network.compile(optimizer("sgd", 0.01, l2_decay=0.01), loss)
    image, labels = (records(name).astype(np.float64) for name in ("image", "labels"))
    history = network.fit(image, labels, batch_size=len(labels), epochs=3, verbose=0).history
    return history["loss"], network.get_layer("conv1_norm")


@pytest.fixture
def float64():
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")


def steps_of_pytorch():
    """The same losses, and mean and variance of the first batch normalisation, in PyTorch."""
    import torch
    from torch.nn import functional

    state = {name: torch.tensor(array) for name, array in golden.state("resnet50").items()}
    weights = {name: array.double().requires_grad_() for name, array in state.items()}
    statistics = {name: array.detach() for name, array in weights.items() if "running" in name}

    def conv(x, name, stride=1, padding=0):
        return functional.conv2d(
            x, weights[f"{name}.weight"], weights.get(f"{name}.bias"), stride, padding
        )

    def norm(x, name):
        running = (statistics[f"{name}.running_{which}"] for which in ("mean", "var"))
        scale = (weights[f"{name}.{which}"] for which in ("weight", "bias"))
        return functional.batch_norm(x, *running, *scale, training=True, momentum=0.1, eps=1e-5)

    def block(x, name, stride):
        y = functional.relu(norm(conv(x, f"{name}.conv1"), f"{name}.batch_norm1"))
        y = functional.relu(norm(conv(y, f"{name}.conv2", stride, 1), f"{name}.batch_norm2"))
        y = norm(conv(y, f"{name}.conv3"), f"{name}.batch_norm3")
        if name.endswith(".0"):
            x = norm(conv(x, f"{name}.i_downsample.0", stride), f"{name}.i_downsample.1")
        return functional.relu(x + y)

    def logits(x):
        x = functional.max_pool2d(
            functional.relu(norm(conv(x, "conv1", 2, 3), "batch_norm1")), 3, 2, 1
        )
        for stage, blocks in enumerate((3, 4, 6, 3), start=1):
            for k in range(blocks):
                x = block(x, f"layer{stage}.{k}", 2 if stage > 1 and k == 0 else 1)
        return functional.linear(x.mean((2, 3)), weights["fc.weight"], weights["fc.bias"])

    image = torch.tensor(records("image")).double().permute(0, 3, 1, 2)
    labels = torch.tensor(records("labels")).double()
    pos_weight = torch.tensor(ORIGINAL_POS_WEIGHT, dtype=torch.float64)
    trained = [weight for name, weight in weights.items() if name not in statistics]
    sgd = torch.optim.SGD(trained, lr=0.01, weight_decay=0.01)
    losses = []
    for _ in range(3):
        loss = functional.binary_cross_entropy_with_logits(
            logits(image), labels, pos_weight=pos_weight
        )
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        losses.append(loss.item())
    return losses, *(statistics[f"batch_norm1.running_{which}"] for which in ("mean", "var"))
