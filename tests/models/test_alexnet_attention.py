import keras
import numpy as np
import pytest

from ecg_tf.errors import InputError
from ecg_tf.models import alexnet_attention
from ecg_tf.models.self_attention import SelfAttention


def test_has_the_parameters_of_the_study():
    assert alexnet_attention(nb_filters=8).count_params() == 46_335_880


@pytest.mark.parametrize(("softmax_over", "axis"), [("keys", 2), ("queries", 1)])
def test_self_attention_is_its_formula(softmax_over, axis):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 3, 5, 16)).astype(np.float32)
    attention = SelfAttention(softmax_over)
    attention(x)
    weights = [rng.normal(size=weight.shape) for weight in attention.weights]
    attention.set_weights(weights)
    gamma, *dense = weights

    positions = x.reshape(2, 15, 16).astype(np.float64)
    query, key, value = (positions @ dense[k] + dense[k + 1] for k in (0, 2, 4))
    assert query.shape == key.shape == (2, 15, 2)
    match = np.exp(np.einsum("bqc,bkc->bqk", query, key))
    looks = match / match.sum(axis=axis, keepdims=True)
    expected = positions + gamma * np.einsum("bqk,bkc->bqc", looks, value)
    np.testing.assert_allclose(attention(x), expected.reshape(x.shape), rtol=1e-4, atol=1e-5)


def test_self_attention_begins_as_the_identity():
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 16)).astype(np.float32)
    np.testing.assert_array_equal(SelfAttention()(x), x)


def test_softmax_over_keys_is_the_default_and_is_kept_by_saving(tmp_path):
    network = alexnet_attention((67, 67, 3), nb_filters=1)
    assert network.get_layer("attention1").softmax_over == "keys"
    network = alexnet_attention((67, 67, 3), nb_filters=1, softmax_over="queries")
    network.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for name in ("attention1", "attention3"):
        assert loaded.get_layer(name).softmax_over == "queries"


def test_another_softmax_is_refused():
    with pytest.raises(InputError, match="softmax_over 'rows': expected keys or queries"):
        alexnet_attention((67, 67, 3), nb_filters=1, softmax_over="rows")
