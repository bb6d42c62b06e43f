"""Batch normalization statistics of averaged weights."""

import keras
import numpy as np

_RECORDS = 1024  # enough, as each record has some hundred positions


def renew_batch_statistics(network, model, source, batch_size):
    """Recompute the mean and variance of every batch normalization layer of a network.

    Averaged weights need this: the statistics from training belong to other weights (Izmailov et
    al. 2018, "Averaging weights leads to wider optima and better generalization",
    https://arxiv.org/abs/1803.05407). Each statistic becomes its mean over batches of at most 1024
    unaugmented records, spread evenly over the partition.

    Args:
        network: keras.Model, changed in place; frozen parts stay as they are.
        model: `network`, with its preprocessor if `source` is `ECGs`.
        source: `ECGs` or `Images` of the train partition.
        batch_size: number of records in a batch.
    """
    norms = list(_batch_normalizations(network))
    if not norms:
        return
    usual = [norm.momentum for norm in norms]
    records = np.arange(0, len(source), -(-len(source) // _RECORDS))
    for number, start in enumerate(range(0, len(records), batch_size)):
        for norm in norms:
            norm.momentum = number / (number + 1)
        model(source.take(records[start : start + batch_size]), training=True)
    for norm, momentum in zip(norms, usual, strict=True):
        norm.momentum = momentum


def _batch_normalizations(model):
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _batch_normalizations(layer)
        elif isinstance(layer, keras.layers.BatchNormalization):
            yield layer
