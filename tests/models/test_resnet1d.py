import numpy as np
import pytest

from ecg_tf.models import build, resnet1d


def test_has_the_resolutions_and_widths_of_its_stages():
    network = resnet1d((1000, 12), classes=5, nb_filters=8)
    for stage, shape in enumerate([(250, 8), (125, 16), (63, 24), (32, 32)], start=1):
        assert network.get_layer(f"stage{stage}_block2").output.shape == (None, *shape)
    assert network.output_shape == (None, 5)


def test_takes_records_of_any_length_with_the_same_weights():
    short, long = (resnet1d((samples, 3), nb_filters=4) for samples in (250, 1000))
    short.set_weights(long.get_weights())
    assert short.count_params() == long.count_params()


def test_sliding_windows_are_answered_by_their_mean():
    sliding = resnet1d((1000, 3), nb_filters=4, sliding_seconds=2.5)
    one = resnet1d((250, 3), nb_filters=4)
    one.set_weights(sliding.get_weights())
    signal = np.random.default_rng(0).normal(size=(2, 1000, 3)).astype(np.float32)
    answers = [one(signal[:, start : start + 250]) for start in range(0, 751, 125)]
    np.testing.assert_allclose(sliding(signal), np.mean(answers, axis=0), rtol=1e-4, atol=1e-6)


@pytest.mark.torch
def test_is_pytorchs_network():
    """The network, written with PyTorch's functions."""
    torch = pytest.importorskip("torch", reason="needs PyTorch: bin/test torch")
    from torch.nn import functional

    network = build("resnet1d", (200, 3), 4, nb_filters=4)
    rng = np.random.default_rng(1)
    for weight in network.weights:  # also means, variances and scales that are not 0 and 1
        weight.assign(
            rng.uniform(0.05, 0.5, weight.shape)
            * rng.choice([1, 1, -1]) ** ("variance" not in weight.name)
        )
    signal = rng.normal(size=(2, 200, 3)).astype(np.float32)

    def tensor(array):
        return torch.tensor(np.asarray(array))

    def conv(x, name, stride=1):
        layer, norm = network.get_layer(name), network.get_layer(f"{name}_norm")
        size = layer.kernel_size[0]
        after = -(-x.shape[2] // stride)
        padding = max((after - 1) * stride + size - x.shape[2], 0)
        x = functional.pad(x, (padding // 2, padding - padding // 2))
        x = functional.conv1d(x, tensor(layer.kernel).permute(2, 1, 0), stride=stride)
        scale, shift, mean, variance = (tensor(weight) for weight in norm.weights)
        return functional.batch_norm(x, mean, variance, scale, shift, eps=1e-5)

    def block(x, name, stride):
        y = conv(functional.relu(conv(x, f"{name}_conv1", stride)), f"{name}_conv2")
        if stride > 1:
            x = functional.avg_pool1d(x, 2, ceil_mode=True)
            x = conv(x, f"{name}_shortcut")
        return functional.relu(x + y)

    x = functional.relu(conv(tensor(signal).permute(0, 2, 1), "conv1", 2))
    x = functional.max_pool1d(x, 2)
    for stage in (1, 2, 3, 4):
        for number in (1, 2):
            x = block(x, f"stage{stage}_block{number}", 2 if stage > 1 and number == 1 else 1)
    kernel, bias = (tensor(weight) for weight in network.get_layer("logits").weights)
    expected = x.mean(dim=2) @ kernel + bias
    found = np.asarray(network(signal, training=False))
    np.testing.assert_allclose(found, expected.numpy(), rtol=2e-4)
