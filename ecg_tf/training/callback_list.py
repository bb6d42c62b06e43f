"""The order in which training and its callbacks take turns."""

import keras


class OneStepLate(keras.callbacks.CallbackList):
    """Callbacks that are told of each training step after the next step has started.

    To tell them the loss, Keras waits for the step to end. Until the next step starts, a GPU then
    has nothing to do; with a step more on its way, it always has.

    Arguments are those of `keras.callbacks.CallbackList`.
    """

    _step = None  # the arguments of the call that is still to be made

    def on_train_batch_end(self, batch, logs=None):
        self._make_call()
        self._step = batch, logs

    def on_epoch_end(self, epoch, logs=None):
        self._make_call()
        super().on_epoch_end(epoch, logs)

    def _make_call(self):
        step, self._step = self._step, None
        if step is not None:
            super().on_train_batch_end(*step)
