"""How the learning rate changes in the course of training."""

import keras

PLATEAU_FACTOR = 0.3


def cosine(learning_rate, epochs, steps_per_epoch, warmup_epochs=0.0):
    """A Keras schedule: from 0 up to `learning_rate` in a line, then down to 0 in half a cosine.

    Args:
        learning_rate: the largest.
        epochs: after so many it is 0.
        steps_per_epoch: optimiser steps of an epoch.
        warmup_epochs: after so many it is largest; 0 to begin there.
    """
    warmup_steps = round(warmup_epochs * steps_per_epoch)
    steps = max(epochs * steps_per_epoch - warmup_steps, 1)
    if not warmup_steps:
        return keras.optimizers.schedules.CosineDecay(learning_rate, steps)
    return keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=learning_rate, warmup_steps=warmup_steps
    )


def plateau_rate(learning_rate, dev_losses, patience):
    """The rate after some epochs: each `patience` of them without a better dev loss cost 70 %.

    A function of the past alone, so a run that goes on needs no memory of it.

    Args:
        learning_rate: of the first epoch.
        dev_losses: of the epochs so far, in order.
        patience: so many epochs in a row without a new lowest dev loss multiply the rate by 0.3,
            and the count begins anew.
    """
    best, waited = float("inf"), 0
    for loss in dev_losses:
        waited = 0 if loss < best else waited + 1
        best = min(best, loss)
        if waited == patience:
            learning_rate, waited = learning_rate * PLATEAU_FACTOR, 0
    return learning_rate
