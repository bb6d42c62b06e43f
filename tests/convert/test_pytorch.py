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


@pytest.mark.torch
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_recurrent_network_of_other_sizes_predicts_as_in_pytorch(bidirectional):
    torch = pytest.importorskip("torch", reason="needs PyTorch: bin/test torch")
    torch.manual_seed(0)
    rnn = torch.nn.GRU(5, 4, 3, batch_first=True, bidirectional=bidirectional)
    fc = torch.nn.Linear(8 if bidirectional else 4, 2)
    state = {f"rnn.{name}": tensor.numpy() for name, tensor in rnn.state_dict().items()}
    state |= {f"fc.{name}": tensor.numpy() for name, tensor in fc.state_dict().items()}
    signal = np.random.default_rng(0).normal(size=(3, 1000, 5)).astype(np.float32)
    with torch.no_grad():
        _, last = rnn(torch.tensor(signal))  # the state of each level and direction at its end
        top = torch.cat(list(last[-2:]), dim=1) if bidirectional else last[-1]
        expected = fc(top).numpy()
    network = from_pytorch("bigru" if bidirectional else "gru", state)
    np.testing.assert_allclose(network.predict(signal, verbose=0), expected, atol=1e-6)


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
    with pytest.raises(InputError, match="model 'lstm': expected one of alexnet, "):
        from_pytorch("lstm", small_gru())


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
