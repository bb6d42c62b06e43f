"""Batch normalisation: means and variances of weights that no training step has had."""

import keras
import numpy as np

_RECORDS = 1024  # enough: each has some hundred positions


def renew_batch_statistics(network, model, source, batch_size):
    """Measure what `network`'s batch normalisations take for mean and variance.

    Averages of weights need it, whose own statistics nobody has seen (Izmailov et al. 2018,
    "Averaging weights leads to wider optima and better generalization"). Each statistic becomes its
    mean over batches of at most 1,024 records from all over the partition, as they are.

    Args:
        network: keras.Model, changed in place; frozen parts of it stay as they are.
        model: `network`, behind its preprocessor where `source` is of ecgs.
        source: `ECGs` or `Images` of the train partition.
        batch_size: records in a batch.
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
