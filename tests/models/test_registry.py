import pytest

from ecg_tf.errors import InputError
from ecg_tf.models import MODELS, build


@pytest.mark.parametrize("name", MODELS)
def test_every_network_is_built_by_its_name(name):
    network = build(name, (256, 256, 9), classes=4)
    assert network.name == name
    assert network.output_shape == (None, 4)


def test_a_hyperparameter_that_is_none_keeps_its_default():
    default = build("alexnet", (256, 256, 9), 4)
    assert build("alexnet", (256, 256, 9), 4, nb_filters=None).count_params() == (
        default.count_params()
    )


def test_an_unknown_network_is_answered_with_all_names():
    with pytest.raises(InputError, match=r"model 'vgg': expected one of alexnet"):
        build("vgg", (256, 256, 9), 4)


def test_a_hyperparameter_of_another_network_is_refused():
    with pytest.raises(InputError, match=r"alexnet has no hidden_size; it has nb_filters, dropout"):
        build("alexnet", (256, 256, 9), 4, hidden_size=128)
