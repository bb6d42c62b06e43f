"""Log lines and progress of a training run."""

import math
import sys

import keras
from absl import logging

from ecg_tf.data.batches.examples import ECGs
from ecg_tf.data.images.image_tree import is_image_tree
from ecg_tf.progress import Progress
from ecg_tf.reports.formats import format_duration, format_number

_COMPUTED = {
    "image": "keras layers compute their images on the network's device",
    "signal": "keras layers compute their signals on the network's device",
    "ecg": "the network computes their signals and images",
}
_MOST_NAMED = 8  # classes whose values fit on a line
_LOWEST = 3  # number of classes that are named if there are more


def log_run(settings, partitions, metadata, history):
    """Log what is trained, on which records, and where the examples come from.

    Args:
        settings: `ecg_tf.training.settings.Settings`.
        partitions: {"train" and "dev": `ecg_tf.data.sources.Partition`}.
        metadata: the `ecg_tf.runs.run_metadata.RunMetadata` of the run.
        history: the list of completed epochs.
    """
    source = partitions["train"].source
    logging.info(
        "%s: %d parameters, %s; %d train and %d dev records%s%s",
        metadata.model,
        metadata.parameters,
        metadata.dtype_policy,
        len(source),
        len(partitions["dev"].source),
        " (simulated ECGs)" if metadata.simulated else "",
        _format_weights(dict(zip(metadata.class_names, metadata.pos_weight, strict=True))),
    )
    if isinstance(source, ECGs):
        logging.info("ECGs %s; in each step, %s", source.place, _COMPUTED[metadata.input_spec.kind])
    elif is_image_tree(settings.data):
        logging.info("images from %s", settings.data)
    else:
        logging.info(
            "images by pyts, about 20 per second and core%s; -image_backend keras computes the "
            "same images on the network's device, tens of times faster",
            f", kept in {settings.image_cache}" if settings.image_cache else "",
        )
    if history:
        logging.info("resuming after epoch %d", len(history))


class ShowProgress(keras.callbacks.Callback):
    """Shows the progress of each epoch, and a line when it ends, on standard error.

    Args:
        records: number of training records.
        batch_size: number of records in a batch.
        epochs: maximum number of epochs.
        history: the list of completed epochs.
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
        classes = {
            name.removeprefix("val_auroc_"): score
            for name, score in row.items()
            if name.startswith("val_auroc_")
        }
        left = row["seconds"] * (self._epochs - epoch - 1)
        print(
            f"epoch {epoch + 1}/{self._epochs}  loss {row['loss']:.4f}  dev {row['val_loss']:.4f}"
            f"{'*' if best else ' '} AUROC {format_number(row['val_auroc'])} "
            f"({_format_aurocs(classes)})  "
            f"rate {row['learning_rate']:.2g}  {format_duration(row['seconds'])}, "
            f"{self._records / row['seconds']:.0f} records/s; at most {format_duration(left)} left",
            file=sys.stderr,
            flush=True,
        )


def _format_weights(weights):
    """Format {class: weight of its positive labels}; of many classes, the lowest and the highest.

    The result is empty if all weights are 1.
    """
    if all(weight == 1 for weight in weights.values()):
        return ""
    shown, between = list(weights), ", "
    if len(weights) > _MOST_NAMED:
        shown, between = [min(weights, key=weights.get), max(weights, key=weights.get)], " to "
    text = between.join(f"{name} {weights[name]:.2f}" for name in shown)
    return f"; weights of positive labels: {text}"


def _format_aurocs(aurocs):
    """Format {class: AUROC}; of many classes, the three lowest."""
    start, shown = "", list(aurocs)
    if len(aurocs) > _MOST_NAMED:
        known = [name for name in aurocs if not math.isnan(aurocs[name])]
        start, shown = "lowest: ", sorted(known, key=aurocs.get)[:_LOWEST]
    return start + "  ".join(f"{name} {format_number(aurocs[name])}" for name in shown)
