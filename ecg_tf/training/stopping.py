"""Callbacks that end training early."""

import math
import signal
import threading

import keras

from ecg_tf.errors import InputError, Interrupted


class StopOnNonFiniteLoss(keras.callbacks.Callback):
    """Ends training with an `InputError` at the first step with a loss that is not finite."""

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = epoch + 1

    def on_train_batch_end(self, batch, logs=None):
        if not math.isfinite(logs["loss"]):
            rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
            raise InputError(
                f"the loss is {logs['loss']} in step {batch + 1} of epoch {self._epoch}, at "
                f"learning rate {rate:g}; try a smaller -learning_rate, a -clip_norm of 1, or "
                "-mixed_precision none. The network of the best epoch so far is kept"
            )


def stop_signals():
    """The signals that end training after the current step: SIGINT and SIGTERM.

    Returns:
        A tuple of `signal.Signals`. It is empty outside of the main thread, where Python allows no
        signal handlers.
    """
    if threading.current_thread() is not threading.main_thread():
        return ()
    return signal.SIGINT, signal.SIGTERM


class StopOnSignal(keras.callbacks.Callback):
    """Ends training with `Interrupted` after the step in which one of `stop_signals` arrives.

    It is a context manager, which handles the signals from entering to leaving. A second signal
    has its usual effect. Place it last, so that at the end of an epoch the run folder is written
    first.

    Args:
        run: the `RunFolder` that the message names.
    """

    def __init__(self, run):
        super().__init__()
        self._run, self._received = run, None
        self._handlers_before = {}

    def __enter__(self):
        for number in stop_signals():
            self._handlers_before[number] = signal.signal(number, self._remember)
        return self

    def __exit__(self, *_):
        for number, handler in self._handlers_before.items():
            signal.signal(number, handler)

    def _remember(self, number, _):
        self._received = number
        self.__exit__()

    def on_train_batch_end(self, batch, logs=None):
        self._stop_if_received()

    def on_epoch_end(self, epoch, logs=None):
        self._stop_if_received()

    def _stop_if_received(self):
        if self._received is not None:
            name = signal.Signals(self._received).name
            raise Interrupted(
                f"{name}: {self._run.path} holds all completed epochs; rerun the same command to "
                "resume",
                self._received,
            )
