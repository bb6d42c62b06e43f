"""What a training run shows while it runs."""

import math
import sys

import keras

from ecg_tf.progress import Progress


class ShowProgress(keras.callbacks.Callback):
    """Shows the progress of each epoch, and a line when it ends, on standard error.

    Args:
        records: number of training records.
        batch_size: of them in a step.
        epochs: number of epochs at most.
        history: the list of epochs so far.
    """

    def __init__(self, records, batch_size, epochs, history):
        super().__init__()
        self._records, self._batch_size = records, batch_size
        self._epochs, self._history = epochs, history

    def on_epoch_begin(self, epoch, logs=None):
        self._seen = 0
        self._progress = Progress(self._records, "records", f"epoch {epoch + 1}/{self._epochs}")

    def on_train_batch_end(self, batch, logs=None):
        records = min(self._batch_size, self._records - self._seen)
        self._seen += records
        self._progress.advance(records, f"loss={logs['loss']:.4f}")

    def on_epoch_end(self, epoch, logs=None):
        self._progress.close()
        row = self._history[-1]
        best = row["val_loss"] <= min(past["val_loss"] for past in self._history)
        classes = "  ".join(
            f"{name.removeprefix('val_auroc_')} {'–' if math.isnan(score) else f'{score:.3f}'}"
            for name, score in row.items()
            if name.startswith("val_auroc_")
        )
        left = row["seconds"] * (self._epochs - epoch - 1)
        print(
            f"epoch {epoch + 1}/{self._epochs}  loss {row['loss']:.4f}  dev {row['val_loss']:.4f}"
            f"{'*' if best else ' '} AUROC {row['val_auroc']:.3f} ({classes})  "
            f"rate {row['learning_rate']:.2g}  {_duration(row['seconds'])}, "
            f"{self._records / row['seconds']:.0f} records/s; at most {_duration(left)} left",
            file=sys.stderr,
            flush=True,
        )


def _duration(seconds):
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
