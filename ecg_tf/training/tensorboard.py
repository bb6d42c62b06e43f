"""Logs of a training run for TensorBoard, under every backend."""

import os
import socket
import time

import keras
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.summary.writer.record_writer import RecordWriter

from ecg_tf.places import make_folder

_FOLDERS = ("train", "validation")


class WriteTensorBoard(keras.callbacks.Callback):
    """Writes the figures of each epoch as event files that TensorBoard shows.

    Folders, tags and steps are those of `keras.callbacks.TensorBoard`, which needs TensorFlow:
    `val_auroc` of epoch 3 is `epoch_auroc` in step 2 of the folder validation, `learning_rate` is
    `epoch_learning_rate` in the folder train. A resumed run adds a file to each folder.

    Place it after `DevMetrics` and before `CheckpointRun`: an epoch that is repeated because the
    run was killed between the two is then in the logs twice, with the same figures, instead of
    missing.

    Args:
        logs: the folder, a `pathlib.Path`.

    Raises:
        OSError: the folder cannot be written.
    """

    def __init__(self, logs):
        super().__init__()
        self._logs = logs

    def on_train_begin(self, logs=None):
        name = f"events.out.tfevents.{time.time():010.0f}.{socket.gethostname()}.{os.getpid()}"
        self._files = {folder: make_folder(self._logs / folder) / name for folder in _FOLDERS}
        for file in self._files.values():
            _append(file, file_version="brain.Event:2")

    def on_epoch_end(self, epoch, logs=None):
        for name, value in logs.items():
            folder = _FOLDERS[name.startswith("val_")]
            summary = scalar_pb(f"epoch_{name.removeprefix('val_')}", value)
            _append(self._files[folder], step=epoch, summary=summary)


def _append(file, **fields):
    """Append an event to a file, in one piece."""
    with file.open("ab") as stream:
        RecordWriter(stream).write(Event(wall_time=time.time(), **fields).SerializeToString())
