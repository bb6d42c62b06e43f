"""An ensemble: the mean of several networks."""

from collections.abc import Sequence

import keras

from ecg_tf.errors import InputError
from ecg_tf.models.frozen import Frozen


def ensemble(members: Sequence[keras.Model]) -> keras.Model:
    """Average the logits of networks that take the same input; nothing of it is trained.

    Args:
        members: two or more networks of the same input and the same number of classes, such as
            networks of several seeds, or `resnet1d()` and `gru()`. Their weights are shared, not
            copied, and are no longer trainable.

    Returns:
        Model from the input of the members to float32 logits (batch, class).

    Raises:
        InputError: only one member, or members of different inputs or numbers of classes.

    References:
        B. Lakshminarayanan, A. Pritzel, C. Blundell, Simple and scalable predictive uncertainty
        estimation using deep ensembles, NeurIPS 2017, https://arxiv.org/abs/1612.01474. It averages
        probabilities; the mean of logits is their geometric mean, as odds.

    Examples:
        >>> from ecg_tf.models import ensemble, gru, resnet1d
        >>> ensemble([gru(hidden_size=4), resnet1d(nb_filters=2)]).output_shape
        (None, 4)
    """
    if len(members) < 2:
        raise InputError(f"an ensemble of {len(members)}, expected at least two members")
    shapes = {(member.input_shape[1:], member.output_shape[1:]) for member in members}
    if len(shapes) > 1:
        found = ", ".join(
            f"{member.name} from {member.input_shape[1:]} to {member.output_shape[-1]} classes"
            for member in members
        )
        raise InputError(f"members that do not fit together: {found}")
    x = keras.Input(members[0].input_shape[1:])
    logits = [
        Frozen(member, name=f"member{number}")(x) for number, member in enumerate(members, start=1)
    ]
    mean = keras.layers.Average(dtype="float32", name="logits")(logits)
    return keras.Model(x, mean, name="ensemble")
