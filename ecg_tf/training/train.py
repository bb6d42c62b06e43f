"""Training a network, from settings to a finished run folder."""

import contextlib
import dataclasses
from collections.abc import Iterator

import keras
from absl import logging

from ecg_tf.data.batches.batches import evaluation_batches, training_batches
from ecg_tf.data.batches.examples import ECGs, Images, steps_per_epoch
from ecg_tf.data.batches.share import Share
from ecg_tf.data.sources import open_partition
from ecg_tf.evaluation.thresholds import choose_thresholds, one_sided
from ecg_tf.places import writing
from ecg_tf.runs.precision import disable_tf32
from ecg_tf.runs.predict import predict_probabilities
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.tracking.tracked_run import TrackedRun
from ecg_tf.training.assemble import Assembly, assemble
from ecg_tf.training.callback_list import OneStepLate
from ecg_tf.training.callbacks import (
    AverageWeights,
    CheckpointRun,
    CopyWeights,
    DevMetrics,
    LowerOnPlateau,
    MeanLoss,
    TrackEpochs,
)
from ecg_tf.training.devices import configure_devices, enable_determinism
from ecg_tf.training.flag_checks import (
    check_augmentation,
    check_frozen_body,
    check_image_flags,
    check_lengths,
)
from ecg_tf.training.loss import positive_weights
from ecg_tf.training.networks import input_spec, rate_and_samples, runs_of_weights
from ecg_tf.training.process_group import OneProcess, ProcessGroup
from ecg_tf.training.progress import ShowProgress, log_run
from ecg_tf.training.provenance import describe_run
from ecg_tf.training.resume import check_same_run, start_or_resume
from ecg_tf.training.seen import seen_by_training
from ecg_tf.training.settings import Settings
from ecg_tf.training.state import restore_state
from ecg_tf.training.statements import labels_and_statements, statements_of
from ecg_tf.training.stopping import StopOnNonFiniteLoss, StopOnSignal
from ecg_tf.training.teachers import Teacher, softened_labels
from ecg_tf.training.tensorboard import WriteTensorBoard

_ALONE = OneProcess()


def train(
    settings: Settings,
    overwrite: bool = False,
    processes: OneProcess | ProcessGroup = _ALONE,
    tracker: str = "none",
) -> RunFolder:
    """Train a network on the train partition and keep the epoch with the lowest dev loss.

    If the run folder contains this same run, unfinished, training resumes after its last completed
    epoch and gives the same result as if it had never stopped.

    Args:
        settings: the settings of the run.
        overwrite: True to delete a run in the run folder first.
        processes: the processes that train this run together, each of which calls this function.
            Process 0 alone reads and writes the run folder.
        tracker: "mlflow" or "wandb" to record the run there, see
            `ecg_tf.tracking.tracked_run.TrackedRun`; "none" for no record.

    Returns:
        The finished run folder. Its thresholds maximize the G-mean on dev.

    Raises:
        InputError: data or settings that cannot be used, a run folder in use, a loss that is not
            finite, a full disk, or a tracker that is not installed or cannot be reached.
        Interrupted: SIGINT or SIGTERM; the same call resumes the run. With several processes, what
            one of them raises, all raise.

    Examples:
        Train a tiny GRU for one epoch, on simulated ECGs:

        >>> import tempfile
        >>> from ecg_tf.data.prepare import prepare
        >>> from ecg_tf.data.synthetic import write_folder
        >>> from ecg_tf.training.settings import Settings
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_folder(f"{folder}/ptbxl", records=20)
        ...     _ = prepare(f"{folder}/ptbxl", f"{folder}/data")
        ...     settings = Settings(
        ...         model="gru",
        ...         data=f"{folder}/data",
        ...         path_save_model=f"{folder}/run",
        ...         epochs=1,
        ...         pos_weight="none",
        ...         num_layers=1,
        ...         hidden_size=2,
        ...     )
        ...     run = train(settings)
        ...     run.is_finished, sorted(run.metadata.records)
        (True, ['dev', 'train'])
    """
    with processes:
        return _train(settings, overwrite, processes, tracker)


def _train(
    settings: Settings, overwrite: bool, processes: OneProcess | ProcessGroup, tracker: str
) -> RunFolder:
    run = RunFolder(settings.path_save_model)
    is_first = processes.number == 0

    # ------------------------------------------------------------------------------------ Check --
    if is_first and run.exists and not overwrite:
        check_same_run(run, settings)
    tracked = TrackedRun(tracker, run) if is_first and tracker != "none" else None
    gpu = configure_devices(settings.gpu_id, settings.strategy)
    disable_tf32()
    if settings.deterministic:
        enable_determinism(gpu)
    keras.utils.set_random_seed(settings.seed)
    spec = input_spec(settings, *rate_and_samples(settings.data))
    check_lengths(settings, spec)
    check_image_flags(settings, spec.kind)
    check_augmentation(settings, spec)
    check_frozen_body(settings, spec.kind)

    # ------------------------------------------------------------------------------------- Data --
    partitions = {
        name: open_partition(
            settings.data,
            name,
            spec,
            image_backend=settings.image_backend or "pyts",
            image_cache=settings.image_cache,
            norm_class=settings.norm_class,
        )
        for name in ("train", "dev")
    }
    data, train_source = partitions["train"], partitions["train"].source
    dev_source = partitions["dev"].source
    for words in one_sided(dev_source.labels, data.class_names).values():
        logging.warning(
            "dev, %s: its AUROC is undefined and left out of means; its threshold will be 0.5",
            words,
        )
    pos_weight = positive_weights(settings.pos_weight, train_source.labels, data.class_names)
    statements = statements_of(settings, data, spec.kind)
    teachers = [
        Teacher(path, settings.data, data.class_names) for path in settings.teacher_runs or ()
    ]

    # -------------------------------------------------------------------------------- Assemble --
    steps = steps_per_epoch(train_source, settings.batch_size)
    parts = assemble(settings, spec, data, statements, pos_weight, steps, gpu)
    seen, dev_seen = seen_by_training(settings, partitions, runs_of_weights(settings), teachers)

    locked = run.locked() if is_first else contextlib.nullcontext()
    recorded = tracked or contextlib.nullcontext()
    with locked, recorded, train_source.clear_errors(), dev_source.clear_errors():
        # ------------------------------------------------------------------------------ Resume --
        # 1. Start the run in its folder, or check that the run there is this one.
        # 2. Restore the state after the last completed epoch, if there is one.
        # 3. Give the state to all processes.
        # 4. Skip training if patience had already run out.
        # 5. Otherwise train from the next epoch on.
        metadata = describe_run(settings, partitions, teachers, parts, pos_weight, dev_seen)
        with parts.distribution.fit_scope():
            if is_first:
                start_or_resume(run, settings, metadata, overwrite)
                if seen is not None:
                    seen.save(run.seen_file)
            history = restore_state(run, parts.model, processes)
        if tracked:
            tracked.start(dataclasses.asdict(settings))
        if is_first:
            log_run(settings, partitions, metadata, history)
        checkpoint = CheckpointRun(run, parts.kept, history, settings.patience, writes=is_first)

        # --------------------------------------------------------------------------------- Fit --
        if not checkpoint.is_patience_spent:
            if teachers:
                train_source.labels = softened_labels(
                    train_source.labels, teachers, settings.teacher_share
                )
                del teachers  # frees the memory of their records
            if statements is not None:
                train_source.labels = labels_and_statements(train_source.labels, statements)
            share = None
            if parts.distribution.is_shared:
                share = Share(processes.number, processes.count, parts.distribution.devices)
            with (
                StopOnSignal(run) as stop_on_signal,
                writing(run.logs),
                parts.distribution.fit_scope(),
            ):
                parts.model.fit(
                    training_batches(
                        train_source,
                        settings.batch_size,
                        settings.seed,
                        first_epoch=len(history),
                        alpha=settings.mixup,
                        share=share,
                    ),
                    steps_per_epoch=steps,
                    initial_epoch=len(history),
                    epochs=settings.epochs,
                    shuffle=False,  # the batches are already shuffled
                    verbose=0,
                    callbacks=OneStepLate(
                        [
                            *_mean_loss(settings, train_source, share),
                            *_schedule(settings, history),
                            StopOnNonFiniteLoss(),
                            *_weights(settings, parts, train_source, history),
                            DevMetrics(
                                parts.judged,
                                evaluation_batches(
                                    share.part(dev_source) if share else dev_source,
                                    settings.batch_size,
                                ),
                                dev_source.labels,
                                data.class_names,
                                parts.loss,
                                processes.gather,
                            ),
                            *_tensorboard(run, is_first),
                            checkpoint,
                            *([TrackEpochs(tracked, history)] if tracked else []),
                            *_progress(settings, train_source, history, is_first),
                            stop_on_signal,
                        ],
                        add_history=True,
                        model=parts.model,
                        epochs=settings.epochs,
                        steps=steps,
                    ),
                )

        # ------------------------------------------------------------------------------ Finish --
        if is_first:
            probabilities = predict_probabilities(
                run.inference_network(), run.preprocessor(), dev_source
            )
            run.finish(
                choose_thresholds("gmean", dev_source.labels, probabilities, data.class_names),
                method="gmean",
            )
        if tracked:
            tracked.log_epochs(history)
            tracked.log_result()
    return run


def _mean_loss(
    settings: Settings, source: ECGs | Images, share: Share | None
) -> Iterator[keras.callbacks.Callback]:
    """The callback that corrects the loss where batches are shared out."""
    if share is not None:
        yield MeanLoss(len(source), settings.batch_size, share)


def _schedule(settings: Settings, history: list[dict]) -> Iterator[keras.callbacks.Callback]:
    """The callback of a schedule that depends on the completed epochs, if this is one."""
    if settings.schedule == "plateau":
        yield LowerOnPlateau(settings.learning_rate, settings.plateau_patience, history)


def _weights(
    settings: Settings, parts: Assembly, source: ECGs | Images, history: list[dict]
) -> Iterator[keras.callbacks.Callback]:
    """The callbacks that update the weights of `parts.kept` after each epoch."""
    yield CopyWeights(parts.network, parts.kept)
    if settings.ema_momentum is not None:
        yield AverageWeights(parts.kept, parts.judged, source, settings.batch_size, history)


def _progress(
    settings: Settings, source: ECGs | Images, history: list[dict], is_first: bool
) -> Iterator[keras.callbacks.Callback]:
    """The callback that shows the progress, in one of the processes."""
    if is_first:
        yield ShowProgress(len(source), settings.batch_size, settings.epochs, history)


def _tensorboard(run: RunFolder, is_first: bool) -> Iterator[keras.callbacks.Callback]:
    """The callback that writes the logs for TensorBoard, in one of the processes."""
    if is_first:
        yield WriteTensorBoard(run.logs)
