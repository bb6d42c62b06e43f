"""SCP statements, learnt beside the classes: a further head that only training has.

The four classes are sums of statements (an anterior and an inferior infarction are both MI), and
PTB-XL has statements of form and rhythm that belong to none. A network that answers all of them has
more to learn from each record (multitask learning: Caruana 1997).
"""

import keras
import numpy as np
from keras import layers, ops

from ecg_tf.errors import InputError
from ecg_tf.models.branches import features


def statements_of(settings, data, input_kind):
    """The SCP statements of the training records.

    Args:
        settings: `ecg_tf.training.settings.Settings`.
        data: the `ecg_tf.data.sources.Partition` of them.
        input_kind: what the network looks at.

    Returns:
        uint8 (record, statement).

    Raises:
        InputError: data without statements, or a network of two branches.
    """
    weight = settings.statement_weight
    if input_kind == "ecg":
        raise InputError(
            f"statement_weight {weight:g}: {settings.model} has two branches; only networks of "
            "signals or of images learn statements"
        )
    if data.records is None or data.records.statements is None:
        raise InputError(
            f"statement_weight {weight:g}: {settings.data} holds no SCP statements, expected "
            "records prepared (ecg_tf prepare_data) or packed by this version"
        )
    return data.records.statements


def with_statements(network, statements):
    """A network that answers statements, too; the weights of the given one are shared.

    Args:
        network: keras.Model to logits (batch, class), whose last layer is called "logits".
        statements: number of statements.

    Returns:
        keras.Model to float32 logits (batch, class + statement). The trainable variables of
        `network` are the first of its own.
    """
    both = keras.Model(network.input, [network.output, features(network)], name=network.name)
    looked_at = keras.Input(network.input_shape[1:])
    logits, found = both(looked_at)
    more = layers.Dense(statements, dtype="float32", name="statements")(found)
    joined = layers.Concatenate(dtype="float32")([logits, more])
    return keras.Model(looked_at, joined, name=f"{network.name}_and_statements")


def labels_and_statements(labels, statements):
    """Float32 (record, class + statement)."""
    return np.concatenate([labels, statements], axis=1, dtype=np.float32)


class StatementLoss(keras.losses.Loss):
    """The loss of the classes, plus `weight` times the cross-entropy summed over the statements.

    Args:
        loss: the `ecg_tf.training.loss.WeightedCrossEntropy` of the classes.
        weight: of each statement.
    """

    def __init__(self, loss, weight, name="statement_loss"):
        super().__init__(name=name, dtype="float32")
        self._loss, self._weight = loss, weight

    def call(self, labels, logits):
        classes = len(self._loss.pos_weight)
        of_classes = self._loss.call(labels[:, :classes], logits[:, :classes])
        y, z = labels[:, classes:], logits[:, classes:]
        of_statements = y * ops.softplus(-z) + (1.0 - y) * ops.softplus(z)
        return of_classes + self._weight * ops.sum(of_statements, axis=-1)
