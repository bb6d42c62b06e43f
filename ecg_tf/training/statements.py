"""Training on SCP statements beside the classes, with an additional head (multitask learning).

Each class groups several of PTB-XL's SCP statements (an anterior and an inferior infarction are
both MI); statements of form and rhythm belong to no class. A network that predicts all of them
learns more from each record (Caruana 1997, "Multitask learning",
https://doi.org/10.1023/A:1007379606734).
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
        data: the train `ecg_tf.data.sources.Partition`.
        input_kind: "signal", "image" or "ecg", the input of the network.

    Returns:
        uint8 (record, statement); None if the settings have no `statement_weight`.

    Raises:
        InputError: data without statements, or a two-branch network.
    """
    weight = settings.statement_weight
    if weight is None:
        return None
    if input_kind == "ecg":
        raise InputError(
            f"statement_weight {weight:g}: {settings.model} has two branches; statements need a "
            "network of signals or of images"
        )
    if data.records is None or data.records.statements is None:
        raise InputError(
            f"statement_weight {weight:g}: {settings.data} contains no SCP statements, expected "
            "records prepared (ecg_tf prepare_data) or packed by this version"
        )
    return data.records.statements


def with_statements(network, statements):
    """Add a head for statements to a network; the weights are shared.

    Args:
        network: keras.Model to logits (batch, class); its last layer is called "logits".
        statements: number of statements.

    Returns:
        keras.Model to float32 logits (batch, class + statement). Its first trainable variables are
        those of `network`.
    """
    both = keras.Model(network.input, [network.output, features(network)], name=network.name)
    inputs = keras.Input(network.input_shape[1:])
    logits, hidden = both(inputs)
    statement_logits = layers.Dense(statements, dtype="float32", name="statements")(hidden)
    outputs = layers.Concatenate(dtype="float32")([logits, statement_logits])
    return keras.Model(inputs, outputs, name=f"{network.name}_and_statements")


def labels_and_statements(labels, statements):
    """Join labels and statements: float32 (record, class + statement)."""
    return np.concatenate([labels, statements], axis=1, dtype=np.float32)


class StatementLoss(keras.losses.Loss):
    """The loss of the classes plus a weight times the cross-entropy summed over the statements.

    Args:
        loss: the `ecg_tf.training.loss.WeightedCrossEntropy` of the classes.
        weight: weight of the cross-entropy of each statement.
        name: name of the loss.
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
