"""Learning rate schedules."""

import keras

PLATEAU_FACTOR = 0.3


def cosine(learning_rate, epochs, steps_per_epoch, warmup_epochs=0.0):
    """A linear warm-up from 0 to the peak learning rate, then a cosine decay to 0.

    Args:
        learning_rate: peak learning rate.
        epochs: number of epochs after which the rate is 0.
        steps_per_epoch: optimizer steps in an epoch.
        warmup_epochs: number of epochs of the warm-up; 0 to start at the peak.

    Returns:
        keras.optimizers.schedules.CosineDecay.
    """
    warmup_steps = round(warmup_epochs * steps_per_epoch)
    steps = max(epochs * steps_per_epoch - warmup_steps, 1)
    if not warmup_steps:
        return keras.optimizers.schedules.CosineDecay(learning_rate, steps)
    return keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=learning_rate, warmup_steps=warmup_steps
    )


def plateau_rate(learning_rate, dev_losses, patience):
    """The learning rate after some epochs, lowered whenever the dev loss stops falling.

    After `patience` epochs in a row without a new lowest dev loss, the rate is multiplied by 0.3
    and counting starts again. The rate depends on the past losses only, so a resumed run needs no
    other state.

    Args:
        learning_rate: learning rate of the first epoch.
        dev_losses: dev losses of the completed epochs, in order.
        patience: number of epochs without a lower dev loss.

    Returns:
        float, the learning rate of the next epoch.

    Examples:
        >>> plateau_rate(0.1, [0.9, 0.8, 0.85], patience=2)
        0.1
        >>> round(plateau_rate(0.1, [0.9, 0.8, 0.85, 0.84], patience=2), 4)
        0.03
    """
    best, waited = float("inf"), 0
    for loss in dev_losses:
        waited = 0 if loss < best else waited + 1
        best = min(best, loss)
        if waited == patience:
            learning_rate, waited = learning_rate * PLATEAU_FACTOR, 0
    return learning_rate
