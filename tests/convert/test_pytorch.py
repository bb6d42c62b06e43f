import itertools

import golden_networks as golden
import numpy as np
import pytest

from ecg_tf.convert.pytorch import from_pytorch
from ecg_tf.errors import InputError

SMALL = {"leads": 5, "units": 4, "layers": 2, "classes": 3}


def small_gru(**changes):
    """The state of a small GRU, zeros; `changes` replace tensors, None removes them."""
    gates = 3 * SMALL["units"]
    state = {}
    for level, inputs in enumerate((SMALL["leads"], SMALL["units"])):
        state[f"rnn.weight_ih_l{level}"] = np.zeros((gates, inputs), np.float32)
        state[f"rnn.weight_hh_l{level}"] = np.zeros((gates, SMALL["units"]), np.float32)
        state[f"rnn.bias_ih_l{level}"] = np.zeros(gates, np.float32)
        state[f"rnn.bias_hh_l{level}"] = np.zeros(gates, np.float32)
    state["fc.weight"] = np.zeros((SMALL["classes"], SMALL["units"]), np.float32)
    state["fc.bias"] = np.zeros(SMALL["classes"], np.float32)
    state |= {name.replace("__", "."): tensor for name, tensor in changes.items()}
    return {name: tensor for name, tensor in state.items() if tensor is not None}


def test_sizes_are_read_from_the_tensors():
    network = from_pytorch("gru", small_gru())
    assert network.input_shape == (None, 1000, 5)
    assert network.output_shape == (None, 3)
    assert [network.get_layer(f"gru{k}").units for k in (1, 2)] == [4, 4]

    network = golden.network("early256")
    assert network.get_layer("alexnet").layer.get_layer("conv1").filters == 8
    assert network.input_shape == (None, 1000, 3)


@pytest.fixture
def torch():
    torch = pytest.importorskip("torch", reason="needs PyTorch: bin/test torch")
    torch.manual_seed(0)
    return torch


@pytest.mark.torch
@pytest.mark.parametrize(
    ("kind", "name", "bidirectional"),
    [
        ("GRU", "gru", False),
        ("GRU", "bigru", True),
        ("RNN", "rnn", False),
        ("LSTM", "lstm", False),
        ("LSTM", "bilstm", True),
    ],
)
def test_a_recurrent_network_of_other_sizes_predicts_as_in_pytorch(
    torch, kind, name, bidirectional
):
    rnn = getattr(torch.nn, kind)(5, 4, 3, batch_first=True, bidirectional=bidirectional)
    fc = torch.nn.Linear(8 if bidirectional else 4, 2)
    prefix = "lstm" if kind == "LSTM" else "rnn"
    state = {f"{prefix}.{name}": tensor.numpy() for name, tensor in rnn.state_dict().items()}
    state |= {f"fc.{name}": tensor.numpy() for name, tensor in fc.state_dict().items()}
    signal = np.random.default_rng(0).normal(size=(3, 1000, 5)).astype(np.float32)
    with torch.no_grad():
        _, last = rnn(torch.tensor(signal))  # the state of each level and direction at its end
        last = last[0] if kind == "LSTM" else last
        top = torch.cat(list(last[-2:]), dim=1) if bidirectional else last[-1]
        expected = fc(top).numpy()
    network = from_pytorch(name, state)
    np.testing.assert_allclose(network.predict(signal, verbose=0), expected, atol=1e-6)


def state_of(modules):
    return {
        f"{name}.{part}": tensor.detach().numpy()
        for name, module in modules.items()
        for part, tensor in module.state_dict().items()
    }


@pytest.mark.torch
@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_a_network_with_convolutions_over_time_predicts_as_in_pytorch(torch, kind):
    nn, leads, filters = torch.nn, 2, 3
    modules = {
        "cnn1d_1": nn.Conv1d(leads, filters, 5),
        "cnn1d_2": nn.Conv1d(filters, 2 * filters, 5),
        "cnn1d_3": nn.Conv1d(2 * filters, 4 * filters, 5),
        kind: getattr(nn, kind.upper())(4 * filters, 7, batch_first=True),
        "fc": nn.Linear(7, 3),
    }
    signal = np.random.default_rng(0).normal(size=(3, 1000, leads)).astype(np.float32)
    with torch.no_grad():
        x = torch.tensor(signal).reshape(3, leads, 1000)
        for number in (1, 2, 3):
            x = nn.functional.max_pool1d(nn.functional.relu(modules[f"cnn1d_{number}"](x)), 2)
        outputs, _ = modules[kind](x.reshape(3, x.shape[2], x.shape[1]))
        expected = modules["fc"](outputs[:, -1]).numpy()
    network = from_pytorch(f"cnn_{kind}", state_of(modules))
    np.testing.assert_allclose(network.predict(signal, verbose=0), expected, atol=1e-6)


@pytest.fixture
def small_images(monkeypatch):
    """The study's images are of 256 × 256; its networks of them have up to 506 million weights."""
    monkeypatch.setattr("ecg_tf.convert.pytorch.IMAGE_SIZE", 16)
    return np.random.default_rng(0).random((2, 16, 16, 3)).astype(np.float32)


def small_vgg(torch, unused=()):
    nn, f = torch.nn, 2
    sizes = ((3, f, f), (f, 2 * f, 2 * f), (2 * f, 4 * f, 4 * f, 4 * f), *unused)
    modules = {
        f"conv{stage}_{number}": nn.Conv2d(before, after, 3, padding=1)
        for stage, row in enumerate(sizes, 1)
        for number, (before, after) in enumerate(itertools.pairwise(row), 1)
    }
    dense = ((4 * f * 2 * 2, 4096), (4096, 4096), (4096, 4))
    return modules | {f"fc{k}": nn.Linear(*size) for k, size in enumerate(dense, 1)}


@pytest.mark.torch
def test_vgg_predicts_as_in_pytorch_without_what_it_never_uses(torch, small_images, caplog):
    modules = small_vgg(torch, unused=((8, 9, 9, 9),))
    relu, pool = torch.nn.functional.relu, torch.nn.functional.max_pool2d
    with torch.no_grad():
        x = torch.tensor(small_images.transpose(0, 3, 1, 2))
        for stage, count in enumerate((2, 2, 3), 1):
            for number in range(1, count + 1):
                x = relu(modules[f"conv{stage}_{number}"](x))
            x = pool(x, 2)
        x = relu(modules["fc1"](x.flatten(1)))
        expected = modules["fc3"](relu(modules["fc2"](x))).numpy()
    with caplog.at_level("INFO", "absl"):
        network = from_pytorch("vgg", state_of(modules))
    np.testing.assert_allclose(network.predict(small_images, verbose=0), expected, atol=1e-6)
    assert (
        "left out, as the study's code never uses it: conv4_1.weight, conv4_1.bias" in caplog.text
    )


@pytest.mark.torch
def test_the_small_cnn_predicts_as_in_pytorch(torch, small_images):
    nn, f = torch.nn, 2
    relu, pool = nn.functional.relu, nn.functional.max_pool2d
    modules = {
        "conv2d_1": nn.Conv2d(3, f, 3),
        "conv2d_2": nn.Conv2d(f, 2 * f, 3, padding=1),
        "conv2d_3": nn.Conv2d(2 * f, 4 * f, 3, padding=1),
        "linear_1": nn.Linear(4 * f * 2 * 2, 2048),
        "linear_2": nn.Linear(2048, 1024),
        "linear_3": nn.Linear(1024, 4),
    }
    with torch.no_grad():
        x = torch.tensor(small_images.transpose(0, 3, 1, 2))
        x = pool(relu(modules["conv2d_1"](x)), 4, 2)
        x = pool(relu(modules["conv2d_3"](relu(modules["conv2d_2"](x)))), 4, 2)
        x = relu(modules["linear_2"](relu(modules["linear_1"](x.flatten(1)))))
        expected = modules["linear_3"](x).numpy()
    network = from_pytorch("cnn", state_of(modules))
    np.testing.assert_allclose(network.predict(small_images, verbose=0), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (small_gru(rnn__bias_hh_l1=None), "^missing: rnn.bias_hh_l1$"),
        (small_gru(fc__weight=None), "^missing: fc.weight$"),
        (small_gru(fc__bias=None), "^misses fc.bias$"),
        (small_gru(extra=np.zeros(1)), "^not expected: extra$"),
        (
            small_gru(fc__weight=np.zeros((4, 3))),
            r"^of another shape: fc.weight \(4, 3\), expected \(3, 4\)$",
        ),
        (
            small_gru(rnn__weight_ih_l0=np.zeros((16, 5))),  # as of an LSTM
            r"^of another shape: rnn.weight_ih_l0 \(16, 5\), expected \(12, 5\)$",
        ),
        (
            small_gru(rnn__bias_ih_l0=None, extra=np.zeros(1)),
            "^missing: rnn.bias_ih_l0; not expected: extra$",
        ),
        (small_gru(fc__bias=np.zeros((0,))), r"^fc.bias has shape \(0,\)$"),
        (small_gru(rnn__weight_hh_l0=np.zeros(4)), r"^rnn.weight_hh_l0 has shape \(4,\)$"),
    ],
)
def test_missing_extra_and_misshapen_tensors_are_named(state, message):
    with pytest.raises(InputError, match=message):
        from_pytorch("gru", state)


@pytest.mark.parametrize("name", golden.MODELS)
def test_weights_of_another_network_are_recognized(name):
    shown = {tensor: np.empty(shape) for tensor, shape in golden.shapes[name].items()}
    expected = "resnet" if name != "resnet50" else "gru"
    with pytest.raises(InputError, match=f"^looks like {golden.MODELS[name]}, expected {expected}"):
        from_pytorch(expected, shown)


def test_weights_of_no_network_are_refused():
    with pytest.raises(InputError, match=r"like none of the study's networks \(a, b, …\), expec"):
        from_pytorch("gru", {"a": np.zeros(1), "b": np.zeros(1)})


def test_the_error_for_an_unknown_network_has_all_names():
    with pytest.raises(InputError, match="model 'lstm2': expected one of alexnet, "):
        from_pytorch("lstm2", small_gru())


def test_a_fusion_names_the_tensors_of_its_backbones():
    state = dict(golden.state("early256"))
    del state["sig_model.rnn.bias_hh_l1_reverse"]
    state["img_model.linear_3.weight"] = np.zeros((4, 2047))
    with pytest.raises(InputError) as error:
        from_pytorch("early_fusion", state)
    assert str(error.value) == (
        "missing: sig_model.rnn.bias_hh_l1_reverse; "
        "of another shape: img_model.linear_3.weight (4, 2047), expected (4, 2048)"
    )


def test_a_fusion_without_a_backbone_is_refused():
    state = {k: v for k, v in golden.state("early256").items() if not k.startswith("sig_model.")}
    with pytest.raises(InputError, match=r"looks like none .* expected a network that takes a sig"):
        from_pytorch("early_fusion", state)
