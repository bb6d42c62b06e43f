"""The loss, and the weights of positive labels in it."""

import keras
import numpy as np
from absl import logging
from keras import ops

from ecg_tf.data.labels import CLASSES
from ecg_tf.errors import InputError

# The weights of the study: 17111 records divided by the number of those of each class. "auto"
# balances the labels; these do not.
ORIGINAL_POS_WEIGHT = tuple(17111 / count for count in (4389, 3136, 1915, 417))


@keras.saving.register_keras_serializable("ecg_tf")
class WeightedCrossEntropy(keras.losses.Loss):
    """Sigmoid cross-entropy with weights for positive labels, mean over records and classes.

    w y log(1 + exp(-z)) + (1 - y) log(1 + exp(z)) for label y, logit z and weight w of the class,
    as PyTorch's BCEWithLogitsLoss(pos_weight=w).

    Args:
        pos_weight: weight of the positive labels of each class, (class,).
        name: name of the loss.
        **kwargs: keyword arguments of `keras.losses.Loss`.
    """

    def __init__(self, pos_weight, name="weighted_cross_entropy", **kwargs):
        kwargs.setdefault("dtype", "float32")
        super().__init__(name=name, **kwargs)
        self.pos_weight = tuple(float(weight) for weight in pos_weight)

    def call(self, labels, logits):
        weight = ops.convert_to_tensor(self.pos_weight, "float32")
        positive = weight * labels * ops.softplus(-logits)
        return ops.mean(positive + (1.0 - labels) * ops.softplus(logits), axis=-1)

    def get_config(self):
        return {**super().get_config(), "pos_weight": self.pos_weight}


def positive_weights(choice, labels, class_names):
    """The weight of the positive labels of each class in the loss.

    Args:
        choice: "auto" (negatives / positives of `labels`; 1, with a warning, for a class that
            no or every training record has), "original" (the study's numbers, for
            MI, STTC, CD, HYP only), "none" (all 1), or one number per class, as
            "2.9,3.1,3.4,7.1".
        labels: labels of the training records, 0 or 1, (record, class).
        class_names: names of the classes.

    Returns:
        float64 (class,).

    Raises:
        InputError: an unknown choice, or "original" with other classes than the study's four.
    """
    classes = len(class_names)
    if choice == "auto":
        positives = labels.sum(axis=0, dtype=np.int64)
        one_sided = np.zeros(classes, bool)
        for who, missing in (("no", positives == 0), ("every", positives == len(labels))):
            if missing.any():
                names = [name for name, is_so in zip(class_names, missing, strict=True) if is_so]
                logging.warning(
                    "%s training record has %s: the network cannot learn to recognise it; its "
                    "weight in the loss is 1",
                    who,
                    ", ".join(names),
                )
                one_sided |= missing
        return np.where(one_sided, 1.0, (len(labels) - positives) / np.maximum(positives, 1))
    if choice == "none":
        return np.ones(classes)
    if choice == "original":
        weights = np.array(ORIGINAL_POS_WEIGHT)
        if tuple(class_names) != CLASSES:
            raise InputError(
                f"pos_weight original: the study's numbers are for {len(weights)} classes, here "
                f"are {', '.join(class_names)}; use auto, none or {classes} numbers"
            )
    else:
        try:
            weights = np.array([float(number) for number in choice.split(",")])
        except ValueError:
            weights = np.zeros(0)
    if len(weights) != classes or not (np.isfinite(weights) & (weights > 0)).all():
        raise InputError(
            f"pos_weight {choice!r}: expected auto, original, none or {classes} positive numbers"
        )
    return weights
