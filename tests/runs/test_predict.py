"""How many records of a partition are predicted at once."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from ecg_tf.data.batches.examples import ECGs
from ecg_tf.data.prepared import Records
from ecg_tf.layers import GRU, StateSpace
from ecg_tf.runs import predict

pytestmark = pytest.mark.usefixtures("eagerly")

RECORDS, SAMPLES, UNITS = 70, 60, 4


@pytest.fixture(scope="module")
def ecgs():
    rng = np.random.default_rng(0)
    ids = np.arange(RECORDS)
    return ECGs(
        Records(
            ecg=rng.normal(size=(RECORDS, SAMPLES, 2)).astype(np.float32),
            leads=("I", "II"),
            labels=np.zeros((RECORDS, 1), np.uint8),
            ecg_id=ids,
            patient_id=ids,
            age=ids.astype(np.float32),
            sex=ids,
            fold=ids,
        )
    )


def keras_gru(x):
    return layers.GRU(UNITS)(x)


def own_gru(x):
    return GRU(UNITS)(x)


def bidirectional(x):
    return layers.Bidirectional(layers.LSTM(UNITS))(x)


def convolutional(x):
    return layers.GlobalAveragePooling1D()(layers.Conv1D(UNITS, 3)(x))


def state_space(x):
    return layers.GlobalAveragePooling1D()(StateSpace(4)(layers.Dense(UNITS)(x)))


def recurrent_on_images(x):
    image = keras.Input((SAMPLES, 2, 1))
    network = keras.Model(image, layers.GlobalAveragePooling2D()(layers.Conv2D(1, 1)(image)))
    return layers.concatenate([network(x[..., None]), own_gru(x)])


class Sizes(layers.Layer):
    """Passes each batch on and keeps its size."""

    def call(self, x):
        self.seen = [*getattr(self, "seen", ()), *([len(x)] if x.shape[0] else [])]
        return x


@pytest.mark.parametrize(
    ("network", "batches"),
    [
        (own_gru, [70]),
        (keras_gru, [64, 6]),  # holds the projected inputs of three gates
        (bidirectional, [32, 32, 6]),
        (convolutional, [48, 22]),
        (state_space, [32, 32, 6]),
        (recurrent_on_images, [32, 32, 6]),
    ],
)
def test_signals_are_predicted_in_larger_batches_than_images(network, batches, ecgs, monkeypatch):
    monkeypatch.setattr(predict, "_CONVOLUTIONAL", 48)
    monkeypatch.setattr(predict, "_VALUES", 64 * SAMPLES * 3 * UNITS)
    x = keras.Input((SAMPLES, 2))
    model = keras.Model(x, layers.Dense(1)(network(x)))
    preprocessor = Sizes()
    probabilities = predict.predict_probabilities(model, preprocessor, ecgs)
    assert preprocessor.seen == batches
    expected = ops.sigmoid(model(ecgs.take(np.arange(RECORDS))))
    np.testing.assert_allclose(probabilities, expected, atol=1e-6)
