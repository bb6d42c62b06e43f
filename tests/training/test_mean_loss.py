"""The training loss of an epoch whose last batch is repeated on several devices."""

import numpy as np
import pytest

from ecg_tf.data.batches.share import Share
from ecg_tf.training.callbacks import MeanLoss


@pytest.mark.parametrize("records", [8, 9, 10, 11, 3])
@pytest.mark.parametrize("devices", [1, 2, 4])
def test_it_is_the_mean_over_the_records(records, devices):
    losses = np.random.default_rng(records).random(records)
    callback = MeanLoss(records, 4, Share(0, 1, devices))
    callback.on_epoch_begin(0)
    total = rows = 0
    for batch, start in enumerate(range(0, records, 4)):
        some = losses[start : start + 4]
        computed = len(some) if len(some) == 4 else _rows(len(some), devices)
        total, rows = total + some.mean() * computed, rows + computed  # as Keras weights batches
        callback.on_train_batch_end(batch, {"loss": total / rows})
    logs = {"loss": total / rows}
    callback.on_epoch_end(0, logs)
    assert logs["loss"] == pytest.approx(losses.mean(), rel=1e-12)


def _rows(size, devices):
    return len(Share(0, 1, devices).rows(size))
