"""Train a network and leave a run folder."""

import keras
from absl import logging

from ecg_tf.data.batches.batches import evaluation_batches, training_batches
from ecg_tf.data.batches.examples import ECGs, steps_per_epoch
from ecg_tf.data.sources import open_partition
from ecg_tf.errors import InputError
from ecg_tf.evaluation.thresholds import choose_thresholds, one_sided
from ecg_tf.layers import Augmentation, RandomWindow
from ecg_tf.models import find, from_ecg, preprocessor
from ecg_tf.places import writing
from ecg_tf.runs.precision import disable_tf32
from ecg_tf.runs.predict import predict_probabilities
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.training.callbacks import (
    AverageWeights,
    CheckpointRun,
    CopyWeights,
    DevMetrics,
    LowerOnPlateau,
)
from ecg_tf.training.devices import (
    configure_devices,
    distribution,
    dtype_policy,
    enable_determinism,
)
from ecg_tf.training.flag_checks import (
    check_augmentation,
    check_image_flags,
    check_weights_fit,
    samples_of,
)
from ecg_tf.training.loss import WeightedCrossEntropy, positive_weights
from ecg_tf.training.networks import build_network, input_spec, load_initial_weights
from ecg_tf.training.optimizers import optimizer
from ecg_tf.training.progress import ShowProgress
from ecg_tf.training.provenance import describe_run, log_run
from ecg_tf.training.schedules import cosine
from ecg_tf.training.seen import seen_by_training
from ecg_tf.training.settings import MAY_CHANGE
from ecg_tf.training.state import restore_state
from ecg_tf.training.statements import (
    StatementLoss,
    labels_and_statements,
    statements_of,
    with_statements,
)
from ecg_tf.training.stopping import StopOnNonFiniteLoss, StopOnSignal
from ecg_tf.training.teachers import Teacher, softened_labels


def train(settings, overwrite=False):
    """Train a network on the train partition and keep its best epoch by the loss on dev.

    Where the run folder holds this same run, unfinished, training goes on after its last finished
    epoch, as if it had never stopped.

    Args:
        settings: the `Settings` of the run.
        overwrite: whether a run that is in the folder is deleted first.

    Returns:
        The finished `RunFolder`, its thresholds chosen on dev by G-mean.

    Raises:
        InputError: data or settings that cannot be used, a run folder that is in use, a loss that
            is not finite, a full disk.
        Interrupted: SIGINT or SIGTERM.
    """
    run = RunFolder(settings.path_save_model)
    if run.exists and not overwrite:
        _check_same_run(run, settings)
    gpu = configure_devices(settings.gpu_id, settings.strategy)
    disable_tf32()
    if settings.deterministic:
        enable_determinism(gpu)
    keras.utils.set_random_seed(settings.seed)
    spec = input_spec(settings)
    check_image_flags(settings, spec.kind)
    check_augmentation(settings, spec.kind)
    partitions = {name: _open(settings, name, spec) for name in ("train", "dev")}
    data, train_source = partitions["train"], partitions["train"].source
    dev_source = partitions["dev"].source
    for words in one_sided(dev_source.labels, data.class_names).values():
        logging.warning(
            "dev, %s: its AUROC is not defined and left out of means; its threshold will be 0.5",
            words,
        )
    steps = steps_per_epoch(train_source, settings.batch_size)
    pos_weight = positive_weights(settings.pos_weight, train_source.labels, data.class_names)
    loss = trained_loss = WeightedCrossEntropy(pos_weight)
    statements = None
    if settings.statement_weight is not None:
        statements = statements_of(settings, data, spec.kind)
        trained_loss = StatementLoss(loss, settings.statement_weight)

    teachers = [
        Teacher(path, settings.data, data.class_names) for path in settings.teacher_runs or ()
    ]
    policy = dtype_policy(settings.mixed_precision, gpu)
    strategy = distribution(settings.strategy)
    if settings.batch_size % strategy.num_replicas_in_sync:
        raise InputError(
            f"batch_size {settings.batch_size}: expected a multiple of the "
            f"{strategy.num_replicas_in_sync} devices of -strategy {settings.strategy}"
        )
    # XLA's programs do not run in replicas on CPUs, nor any faster in bfloat16.
    xla = (
        find(settings.model).xla_on_cpu
        and not gpu
        and settings.strategy == "none"
        and policy == "float32"
    )
    jit_compile = True if xla else "auto"
    window = spec.window(samples_of(settings))
    with strategy.scope():
        network = kept = build_network(settings, data.class_names, policy, window)
        if settings.initial_run is not None:
            load_initial_weights(network, settings.initial_run, settings, data.class_names)
        if policy != "float32" or settings.window_seconds or settings.ema_momentum:
            kept = build_network(settings, data.class_names)  # the one that is judged and saved
            check_weights_fit(settings, network, kept)
        model, judged = network, kept
        if statements is not None:
            model = with_statements(network, statements.shape[1])
        if isinstance(train_source, ECGs):
            augmentation = Augmentation() if settings.augment else None
            cut = RandomWindow(window.samples) if window != spec else None
            model = from_ecg(model, preprocessor(window, cut), spec.ecg_shape, augmentation)
            judged = from_ecg(kept, preprocessor(spec), spec.ecg_shape)
        judged.compile(jit_compile=jit_compile)
        model.compile(
            _optimizer(settings, policy, steps),
            trained_loss,
            auto_scale_loss=False,
            jit_compile=jit_compile,
        )

    built_from = {
        flag: RunFolder.open(getattr(settings, flag))
        for flag in ("initial_run", "signal_run", "image_run")
        if getattr(settings, flag) is not None
    }
    seen, dev_seen = seen_by_training(settings, partitions, built_from, teachers)
    with run.locked(), train_source.clear_errors(), dev_source.clear_errors():
        metadata = describe_run(
            settings, partitions, teachers, network, policy, pos_weight, dev_seen
        )
        if not run.exists:
            RunFolder.create(run.path, settings.flagfile(), metadata)
        elif overwrite:
            run.remove()
            run.begin(settings.flagfile(), metadata)
        else:
            _check_same_run(run, settings)  # again: it may have finished in the meantime
            _check_same_data(run, metadata)
            run.save_flags(settings.flagfile())
        if seen is not None:
            seen.save(run.seen_file)
        history = restore_state(run, model)
        log_run(settings, partitions, network, policy, pos_weight, history)
        keep = CheckpointRun(run, kept, history, settings.patience)
        if not keep.is_patience_spent:
            if teachers:
                train_source.labels = softened_labels(
                    train_source.labels, teachers, settings.teacher_share
                )
                del teachers  # and the records they have looked at
            if statements is not None:
                train_source.labels = labels_and_statements(train_source.labels, statements)
            with StopOnSignal(run) as leave, writing(run.logs):
                model.fit(
                    training_batches(
                        train_source,
                        settings.batch_size,
                        settings.seed,
                        first_epoch=len(history),
                        alpha=settings.mixup,
                    ),
                    steps_per_epoch=steps,
                    initial_epoch=len(history),
                    epochs=settings.epochs,
                    shuffle=False,  # the batches are shuffled already
                    verbose=0,
                    callbacks=[
                        *_schedule(settings, history),
                        StopOnNonFiniteLoss(),
                        *_weights(settings, network, kept, judged, train_source, history),
                        DevMetrics(
                            judged,
                            evaluation_batches(dev_source, settings.batch_size),
                            dev_source.labels,
                            data.class_names,
                            loss,
                        ),
                        keep,
                        *_tensorboard(run),
                        ShowProgress(
                            len(train_source), settings.batch_size, settings.epochs, history
                        ),
                        leave,
                    ],
                )
        probabilities = predict_probabilities(run.network(), run.preprocessor(), dev_source)
        thresholds = choose_thresholds("gmean", dev_source.labels, probabilities, data.class_names)
        run.finish(thresholds, method="gmean")
    return run


def _check_same_run(run, settings):
    """Whether the run in the folder is this one, and unfinished; an InputError if not."""
    if run.is_finished:
        raise InputError(f"{run.path}: holds a finished run; -overwrite deletes it first")
    backend = keras.backend.backend()
    if backend not in run.metadata.versions:
        raise InputError(
            f"{run.path}: holds an unfinished run under another Keras backend than {backend}; "
            "KERAS_BACKEND chooses it; -overwrite deletes the run first"
        )
    may_change = MAY_CHANGE - ({"epochs"} if settings.schedule == "cosine" else set())
    other = run.other_flags(settings, may_change)
    if other:
        raise InputError(
            f"{run.path}: holds an unfinished run of other settings: {'; '.join(other)}. The same "
            "settings go on with it, -overwrite deletes it first"
        )


def _check_same_data(run, metadata):
    for name in ("class_names", "records", "ecg_sha256"):
        before, now = getattr(run.metadata, name), getattr(metadata, name)
        if before != now:
            raise InputError(
                f"{run.path}: holds an unfinished run on other data: {name} {before}, now {now}; "
                "-overwrite deletes it first"
            )


def _open(settings, partition, spec):
    return open_partition(
        settings.data,
        partition,
        spec,
        image_backend=settings.image_backend or "pyts",
        image_cache=settings.image_cache,
        norm_class=settings.norm_class,
    )


def _optimizer(settings, policy, steps):
    rate = settings.learning_rate
    if settings.schedule == "cosine":
        rate = cosine(rate, settings.epochs, steps, settings.warmup_epochs)
    return optimizer(
        settings.optimizer,
        rate,
        settings.l2_decay,
        settings.clip_norm,
        settings.ema_momentum,
        scale_loss=policy == "mixed_float16",
    )


def _weights(settings, network, kept, judged, source, history):
    """The callbacks that give `kept` its weights after each epoch."""
    yield CopyWeights(network, kept)
    if settings.ema_momentum is not None:
        yield AverageWeights(kept, judged, source, settings.batch_size, history)


def _schedule(settings, history):
    """The callback of a schedule that looks at the epochs so far, if it is one."""
    if settings.schedule == "plateau":
        yield LowerOnPlateau(settings.learning_rate, settings.plateau_patience, history)


def _tensorboard(run):
    """The callback that writes the logs for TensorBoard, which it does by TensorFlow."""
    if keras.backend.backend() == "tensorflow":
        yield keras.callbacks.TensorBoard(run.logs, write_graph=False)
