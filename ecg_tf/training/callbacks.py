"""Callbacks that run between epochs: learning rate, weights, dev metrics, run folder."""

import math
import time

import keras
import numpy as np

from ecg_tf.evaluation.metrics import auroc
from ecg_tf.training.batch_statistics import renew_batch_statistics
from ecg_tf.training.devices import on_own_device
from ecg_tf.training.loss_curve import plot_loss
from ecg_tf.training.schedules import plateau_rate
from ecg_tf.training.state import save_state


class LowerOnPlateau(keras.callbacks.Callback):
    """Sets the learning rate of each epoch to `plateau_rate`.

    Args:
        learning_rate: learning rate of the first epoch.
        patience: see `plateau_rate`.
        history: the list of completed epochs, {column: number} each, which grows.
    """

    def __init__(self, learning_rate, patience, history):
        super().__init__()
        self._rate, self._patience, self._history = learning_rate, patience, history

    def on_epoch_begin(self, epoch, logs=None):
        losses = [row["val_loss"] for row in self._history]
        self.model.optimizer.learning_rate = plateau_rate(self._rate, losses, self._patience)


class CopyWeights(keras.callbacks.Callback):
    """Copies the weights of the network in training to the one that is evaluated and saved.

    Args:
        network: the network in training, a part of the fitted model.
        kept: the same network in float32 and for whole records; may be `network` itself.
    """

    def __init__(self, network, kept):
        super().__init__()
        self._network, self._kept = network, kept

    def on_train_begin(self, logs=None):
        self._copy()

    def on_epoch_end(self, epoch, logs=None):
        self._copy()

    def _copy(self):
        if self._kept is not self._network:
            with on_own_device():
                self._kept.set_weights(self._network.get_weights())


class AverageWeights(keras.callbacks.Callback):
    """Copies the moving average of the weights to the network that is evaluated and saved.

    The optimizer of the fitted model holds the average.

    Args:
        kept: the network that is evaluated and saved; not the one in training.
        judged: the model that is evaluated: `kept`, with its preprocessor if `source` is `ECGs`.
        source: `ECGs` or `Images` of the train partition, for the batch statistics.
        batch_size: number of records in a batch for the batch statistics.
        history: the list of completed epochs.
    """

    def __init__(self, kept, judged, source, batch_size, history):
        super().__init__()
        self._kept, self._judged = kept, judged
        self._source, self._batch_size = source, batch_size
        self._history = history

    def on_train_begin(self, logs=None):
        if self._history:  # before the first epoch there is no average
            self._average()

    def on_epoch_end(self, epoch, logs=None):
        self._average()

    def _average(self):
        kept = self._kept.trainable_variables
        others = self.model.trainable_variables[len(kept) :]  # of a head only used in training
        with on_own_device():
            self.model.optimizer.finalize_variable_values([*kept, *map(keras.Variable, others)])
            # Copy them: under JAX they are the optimizer's own arrays, which predict would delete.
            self._kept.set_weights(self._kept.get_weights())
            renew_batch_statistics(self._kept, self._judged, self._source, self._batch_size)


class DevMetrics(keras.callbacks.Callback):
    """Adds the metrics on dev, the learning rate and the duration to the logs of an epoch.

    The columns are `val_loss`, `val_auroc` (macro AUROC), `val_auroc_MI` and so on,
    `learning_rate`, `loss_scale` in float16, and `seconds`. The AUROC of a class without positives
    or without negatives is NaN; the mean leaves it out.

    Args:
        judged: the model that is evaluated, from a batch to logits.
        batches: `ecg_tf.data.batches.batches.evaluation_batches` of the dev partition, or of the
            part of it that this process evaluates.
        labels: the labels of dev, uint8 (record, class).
        class_names: names of the classes.
        loss: the loss of the classes.
        gather: function that joins the logits of `batches` with those of other processes, given
            the number of records in all.
    """

    def __init__(self, judged, batches, labels, class_names, loss, gather):
        super().__init__()
        self._gather = gather
        self._judged = judged
        self._batches, self._labels = batches, labels
        self._class_names, self._loss = class_names, loss

    def on_epoch_begin(self, epoch, logs=None):
        self._start = time.monotonic()

    def on_epoch_end(self, epoch, logs=None):
        with on_own_device():
            logits = self._judged.predict(self._batches, verbose=0)
        logits = self._gather(logits, len(self._labels))
        logs["val_loss"] = float(self._loss(self._labels.astype("float32"), logits))
        scores = auroc(self._labels, np.asarray(keras.ops.sigmoid(logits)))
        known = scores[~np.isnan(scores)]
        logs["val_auroc"] = float(np.mean(known)) if known.size else math.nan
        for name, score in zip(self._class_names, scores, strict=True):
            logs[f"val_auroc_{name}"] = float(score)
        optimizer = self.model.optimizer
        logs["learning_rate"] = float(keras.ops.convert_to_numpy(optimizer.learning_rate))
        if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
            logs["loss_scale"] = float(keras.ops.convert_to_numpy(optimizer.dynamic_scale))
        logs["seconds"] = time.monotonic() - self._start


class CheckpointRun(keras.callbacks.Callback):
    """Writes the run folder after every epoch, and ends training when patience runs out.

    The order of writing: the state, from which all other files can be restored; then the network,
    if the dev loss is the lowest so far; then history.csv and loss.png.

    Args:
        run: the `RunFolder`.
        network: the network to save.
        history: the list of completed epochs; the callback appends to it.
        patience: number of epochs without a lower dev loss after which training ends.
        writes: False to write nothing: another process does.
    """

    def __init__(self, run, network, history, patience, writes=True):
        super().__init__()
        self._writes = writes
        self._run, self._history, self._patience = run, history, patience
        self._network = network

    @property
    def best(self):
        """Index of the epoch with the lowest dev loss."""
        return min(range(len(self._history)), key=lambda k: self._history[k]["val_loss"])

    @property
    def is_patience_spent(self):
        """True if the last `patience` epochs did not lower the dev loss."""
        return bool(self._history) and len(self._history) - 1 - self.best >= self._patience

    def on_train_begin(self, logs=None):
        if self._history:  # resumed: the process may have been killed before it wrote these
            self._write()

    def on_epoch_end(self, epoch, logs=None):
        self._history.append({"epoch": epoch + 1, **logs})
        if self._writes:
            save_state(self._run, self.model, self._history)
        self._write()
        if self.is_patience_spent:
            self.model.stop_training = True

    def _write(self):
        if not self._writes:
            return
        if self.best == len(self._history) - 1:
            self._run.save_network(self._network)
        self._run.save_history(self._history)
        plot_loss(self._run)


class TrackEpochs(keras.callbacks.Callback):
    """Logs each epoch to a tracker. Place it after `CheckpointRun`.

    Args:
        tracked: the `ecg_tf.tracking.tracked_run.TrackedRun`.
        history: the list of completed epochs, which grows.
    """

    def __init__(self, tracked, history):
        super().__init__()
        self._tracked, self._history = tracked, history

    def on_epoch_end(self, epoch, logs=None):
        self._tracked.log_epochs(self._history)


class MeanLoss(keras.callbacks.Callback):
    """Corrects the training loss of an epoch whose last batch was repeated, see `Share.rows`.

    Keras weights each batch by its rows. Place it first.

    Args:
        records: number of training records.
        batch_size: number of records in a batch.
        share: the `Share` of this process.
    """

    def __init__(self, records, batch_size, share):
        super().__init__()
        self._last = records % batch_size
        self._others = records - self._last
        self._rows = share.repeated(self._last) if self._last else 0

    def on_epoch_begin(self, epoch, logs=None):
        self._means = [0.0, 0.0]  # up to the last batch, and with it

    def on_train_batch_end(self, batch, logs=None):
        self._means = [self._means[1], logs["loss"]]

    def on_epoch_end(self, epoch, logs=None):
        if self._rows == self._last:
            return
        total = self._others * self._means[0]
        last = (logs["loss"] * (self._others + self._rows) - total) / self._rows
        logs["loss"] = (total + last * self._last) / (self._others + self._last)
