import pytest

from ecg_tf.errors import InputError
from ecg_tf.models import MODELS, build

SHAPES = {"image": (67, 67, 9), "signal": (1000, 3)}


def small(input_kind):
    """A small network that takes images or signals."""
    if input_kind == "image":
        return build("alexnet", SHAPES["image"], 4, nb_filters=1)
    return build("gru", SHAPES["signal"], 4, hidden_size=2)


@pytest.mark.parametrize("name", MODELS)
def test_every_network_is_built_by_its_name(name):
    input_kind = MODELS[name].input_kind
    if input_kind == "ecg":
        network = build(name, signal=small("signal"), image=small("image"))
    else:
        network = build(name, SHAPES[input_kind], classes=4)
    assert network.name == name
    assert network.output_shape == (None, 4)


def test_a_hyperparameter_that_is_none_keeps_its_default():
    default = build("gru", (1000, 3), 4)
    assert build("gru", (1000, 3), 4, hidden_size=None).count_params() == default.count_params()


def test_an_unknown_network_is_refused_with_all_names():
    with pytest.raises(InputError, match=r"model 'vgg19': expected one of alexnet, .*joint_fusion"):
        build("vgg19", (256, 256, 9), 4)


def test_a_hyperparameter_of_another_network_is_refused():
    with pytest.raises(InputError, match=r"alexnet has no hidden_size; it has nb_filters, dropout"):
        build("alexnet", (256, 256, 9), 4, hidden_size=128)
    with pytest.raises(InputError, match=r"late_fusion has no nb_filters; it has hidden, dropout"):
        build("late_fusion", signal=small("signal"), image=small("image"), nb_filters=8)
