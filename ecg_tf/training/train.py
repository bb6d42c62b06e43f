"""Train a network and leave a run folder."""

import importlib.metadata
import sys
import time

import keras
import numpy as np
from absl import logging

from ecg_tf.data.image_tree import is_image_tree
from ecg_tf.data.pipeline import ECGs, evaluation_batches, steps_per_epoch, training_batches
from ecg_tf.data.sources import open_partition
from ecg_tf.errors import InputError
from ecg_tf.evaluation.thresholds import gmean_thresholds
from ecg_tf.layers import ECGImage
from ecg_tf.models import build, from_ecg
from ecg_tf.training.callbacks import PlotLoss, SaveBest
from ecg_tf.training.devices import dtype_policy, exact_float32, use_gpu
from ecg_tf.training.loss import WeightedCrossEntropy, positive_weights
from ecg_tf.training.optimizers import optimizer
from ecg_tf.training.predict import predict_probabilities
from ecg_tf.training.run_folder import RunFolder

_PACKAGES = ("ecg_tf", "tensorflow", "keras", "numpy", "pyts")


def train(settings):
    """Train a network on the train partition and keep its best epoch by the loss on dev.

    Args:
        settings: the `Settings` of the run.

    Returns:
        The finished `RunFolder`, its thresholds chosen on dev by G-mean.

    Raises:
        InputError: data or settings that cannot be used, or a loss that is not finite.
    """
    gpu = use_gpu(settings.gpu_id)
    exact_float32()
    keras.utils.set_random_seed(settings.seed)
    partitions = {name: _open(settings, name) for name in ("train", "dev")}
    data, train_source = partitions["train"], partitions["train"].source
    dev_source = partitions["dev"].source
    pos_weight = positive_weights(settings.pos_weight, train_source.labels, data.class_names)

    # Two networks with the same weights: one in the precision of training, one to be saved.
    policy = dtype_policy(settings.mixed_precision, gpu)
    network, float32_network = (_network(settings, data, dtype) for dtype in (policy, "float32"))
    front = ECGImage(settings.channels, settings.image_size)
    from_ecgs = isinstance(train_source, ECGs)
    model = from_ecg(network, front, len(settings.leads)) if from_ecgs else network
    model.compile(
        optimizer(settings.optimizer, settings.learning_rate, settings.l2_decay),
        WeightedCrossEntropy(pos_weight),
    )

    run = RunFolder.create(
        settings.path_save_model,
        settings.flagfile(),
        about={
            "model": settings.model,
            "parameters": network.count_params(),
            "class_names": list(data.class_names),
            "leads": list(settings.leads),
            "channels": list(settings.channels),
            "image_size": settings.image_size,
            "simulated": data.simulated,
            "records": {name: len(part.source) for name, part in partitions.items()},
            "ecg_sha256": {name: part.ecg_sha256 for name, part in partitions.items()},
            "pos_weight": pos_weight.tolist(),
            "dtype_policy": policy,
            "started": time.strftime("%Y-%m-%d %H:%M:%S %z"),
            "versions": {name: importlib.metadata.version(name) for name in _PACKAGES},
        },
    )
    logging.info(
        "%s: %d parameters, %s; %d train and %d dev records%s; positives weigh %s",
        settings.model,
        network.count_params(),
        policy,
        len(train_source),
        len(dev_source),
        " (simulated ECGs)" if data.simulated else "",
        ", ".join(f"{name} {w:.2f}" for name, w in zip(data.class_names, pos_weight, strict=True)),
    )
    if settings.image_backend == "pyts" and not is_image_tree(settings.data):
        logging.info(
            "pyts makes the images, at some 20 a second and core; -image_backend keras makes the "
            "same on the network's device, tens of times as fast (bin/benchmark.py)"
        )
    with train_source.clear_errors(), dev_source.clear_errors():
        history = model.fit(
            training_batches(train_source, settings.batch_size, settings.seed),
            steps_per_epoch=steps_per_epoch(train_source, settings.batch_size),
            validation_data=evaluation_batches(dev_source, settings.batch_size),
            epochs=settings.epochs,
            shuffle=False,  # the batches are shuffled already
            verbose=1 if sys.stdout.isatty() else 2,
            callbacks=[
                keras.callbacks.TerminateOnNaN(),
                SaveBest(run, network, float32_network),
                keras.callbacks.CSVLogger(run.history_file),
                PlotLoss(run),
                keras.callbacks.TensorBoard(run.logs, write_graph=False),
                keras.callbacks.EarlyStopping(patience=settings.patience, verbose=1),
            ],
        ).history
    if not np.isfinite(history["loss"]).all():
        raise InputError(
            f"{run.path}: the loss is not finite in epoch {len(history['loss'])}, at learning_rate "
            f"{settings.learning_rate:g}; try a smaller one"
        )
    probabilities = predict_probabilities(run.network(), front, dev_source)
    thresholds = gmean_thresholds(dev_source.labels, probabilities, data.class_names)
    run.save_thresholds(thresholds, method="gmean")
    return run


def _open(settings, partition):
    return open_partition(
        settings.data,
        partition,
        leads=settings.leads,
        channels=settings.channels,
        image_size=settings.image_size,
        image_backend=settings.image_backend,
        image_cache=settings.image_cache,
    )


def _network(settings, data, policy):
    """The network of the settings under a dtype policy, its weights drawn from the seed."""
    hyperparameters = {name: getattr(settings, name) for name in ("nb_filters", "dropout")}
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        depth = len(settings.leads) * len(settings.channels)
        shape = (settings.image_size, settings.image_size, depth)
        return build(settings.model, shape, len(data.class_names), **hyperparameters)
    finally:
        keras.config.set_dtype_policy(before)
