"""What happens between steps and between epochs."""

import math
import signal
import threading
import time

import keras
import numpy as np

from ecg_tf.errors import InputError, Interrupted
from ecg_tf.evaluation.metrics import auroc
from ecg_tf.training.batch_statistics import renew_batch_statistics
from ecg_tf.training.loss_curve import plot_loss
from ecg_tf.training.schedules import plateau_rate
from ecg_tf.training.state import save_state


class StopOnNonFiniteLoss(keras.callbacks.Callback):
    """Ends training with an `InputError` at the first step whose loss is not finite."""

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = epoch + 1

    def on_train_batch_end(self, batch, logs=None):
        if not math.isfinite(logs["loss"]):
            rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
            raise InputError(
                f"the loss is {logs['loss']} in step {batch + 1} of epoch {self._epoch}, at "
                f"learning rate {rate:g}; try a smaller -learning_rate, a -clip_norm of 1, or "
                "-mixed_precision none. The network of the best epoch before is kept"
            )


def ending_signals():
    """The signals that end a training in good order, if it may handle them.

    These are SIGINT and SIGTERM; none in another thread than the main one, where Python allows no
    handlers: there the signals go to whoever has them, and training goes on.
    """
    if threading.current_thread() is not threading.main_thread():
        return ()
    return signal.SIGINT, signal.SIGTERM


class StopOnSignal(keras.callbacks.Callback):
    """Ends training with `Interrupted`, after the current step, on one of the `ending_signals`.

    A second signal has its usual meaning. As the last callback it finds the run folder written.

    Args:
        run: the `RunFolder`, which the message names.
    """

    def __init__(self, run):
        super().__init__()
        self._run, self._received = run, None
        self._before = {}

    def __enter__(self):
        for number in ending_signals():
            self._before[number] = signal.signal(number, self._remember)
        return self

    def __exit__(self, *_):
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _remember(self, number, _):
        self._received = number
        self.__exit__()

    def on_train_batch_end(self, batch, logs=None):
        self._leave()

    def on_epoch_end(self, epoch, logs=None):
        self._leave()

    def _leave(self):
        if self._received is not None:
            name = signal.Signals(self._received).name
            raise Interrupted(
                f"{name}: {self._run.path} holds every finished epoch; the same command goes on",
                self._received,
            )


class LowerOnPlateau(keras.callbacks.Callback):
    """Sets the learning rate of each epoch by `plateau_rate`.

    Args:
        learning_rate: of the first epoch.
        patience: see `plateau_rate`.
        history: the list of epochs, which grows.
    """

    def __init__(self, learning_rate, patience, history):
        super().__init__()
        self._rate, self._patience, self._history = learning_rate, patience, history

    def on_epoch_begin(self, epoch, logs=None):
        losses = [row["val_loss"] for row in self._history]
        self.model.optimizer.learning_rate = plateau_rate(self._rate, losses, self._patience)


class CopyWeights(keras.callbacks.Callback):
    """Gives the weights of the network in training to the one that is judged and saved.

    Args:
        network: the network in training, which `model` holds.
        kept: the same network under the float32 policy and for whole records; may be `network`.
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
            self._kept.set_weights(self._network.get_weights())


class AverageWeights(keras.callbacks.Callback):
    """Gives the moving average of the weights to the network that is judged and saved.

    Args:
        kept: that network; not the one in training, whose optimiser has the average.
        judged: `kept`, behind its preprocessor where `source` is of ecgs.
        source: `ECGs` or `Images` of the train partition, for the batch statistics.
        batch_size: records in a batch of these.
        history: the list of epochs so far.
    """

    def __init__(self, kept, judged, source, batch_size, history):
        super().__init__()
        self._kept, self._judged = kept, judged
        self._source, self._batch_size = source, batch_size
        self._history = history

    def on_train_begin(self, logs=None):
        if self._history:  # before, there is nothing to average
            self._average()

    def on_epoch_end(self, epoch, logs=None):
        self._average()

    def _average(self):
        mine = self._kept.trainable_variables
        others = self.model.trainable_variables[len(mine) :]  # a head that only training has
        self.model.optimizer.finalize_variable_values([*mine, *map(keras.Variable, others)])
        # Copies: under JAX these are the optimiser's own arrays, which predict would delete.
        self._kept.set_weights(self._kept.get_weights())
        renew_batch_statistics(self._kept, self._judged, self._source, self._batch_size)


class DevMetrics(keras.callbacks.Callback):
    """Adds to an epoch's logs how the network does on dev, its learning rate and its seconds.

    These are `val_loss`, `val_auroc` (mean over the classes), `val_auroc_MI` and so on; NaN for a
    class without positives or negatives, which is left out of the mean.

    Args:
        judged: keras.Model from what `batches` hold to logits.
        batches: the dev partition's `ecg_tf.data.batches.batches.evaluation_batches`.
        labels: uint8 (record, class) of it.
        class_names: the classes.
        loss: the loss of training.
    """

    def __init__(self, judged, batches, labels, class_names, loss):
        super().__init__()
        self._judged = judged
        self._batches, self._labels = batches, labels
        self._class_names, self._loss = class_names, loss

    def on_epoch_begin(self, epoch, logs=None):
        self._start = time.monotonic()

    def on_epoch_end(self, epoch, logs=None):
        logits = self._judged.predict(self._batches, verbose=0)
        logs["val_loss"] = float(self._loss(self._labels.astype("float32"), logits))
        scores = auroc(self._labels, np.asarray(keras.ops.sigmoid(logits)))
        known = scores[~np.isnan(scores)]
        logs["val_auroc"] = float(np.mean(known)) if known.size else math.nan
        for name, score in zip(self._class_names, scores, strict=True):
            logs[f"val_auroc_{name}"] = float(score)
        logs["learning_rate"] = float(
            keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)
        )
        logs["seconds"] = time.monotonic() - self._start


class CheckpointRun(keras.callbacks.Callback):
    """Writes the run folder after every epoch, and ends training when dev gets no better.

    First the state, from which all else can be made again; then the network, if the dev loss is
    the lowest so far; then history.csv and loss.png.

    Args:
        run: the `RunFolder`.
        network: the network to save.
        history: the list of epochs so far, to which this adds.
        patience: epochs without a lower dev loss after which training ends.
    """

    def __init__(self, run, network, history, patience):
        super().__init__()
        self._run, self._history, self._patience = run, history, patience
        self._network = network

    @property
    def best(self):
        """Position in the history of the epoch with the lowest dev loss."""
        return min(range(len(self._history)), key=lambda k: self._history[k]["val_loss"])

    @property
    def is_patience_spent(self):
        """Whether the last `patience` epochs were no better than one before."""
        return bool(self._history) and len(self._history) - 1 - self.best >= self._patience

    def on_train_begin(self, logs=None):
        if self._history:  # a run that goes on: it may have been killed before it wrote these
            self._write()

    def on_epoch_end(self, epoch, logs=None):
        self._history.append({"epoch": epoch + 1, **logs})
        save_state(self._run, self.model, self._history)
        self._write()
        if self.is_patience_spent:
            self.model.stop_training = True

    def _write(self):
        if self.best == len(self._history) - 1:
            self._run.save_network(self._network)
        self._run.save_history(self._history)
        plot_loss(self._run)
