"""Train a network and leave a run folder."""

import importlib.metadata
import importlib.util
import subprocess
import time
from pathlib import Path

import keras
from absl import logging

import ecg_tf
from ecg_tf.data.image_tree import is_image_tree
from ecg_tf.data.pipeline import ECGs, evaluation_batches, steps_per_epoch, training_batches
from ecg_tf.data.sources import open_partition
from ecg_tf.errors import InputError
from ecg_tf.evaluation.thresholds import choose_thresholds
from ecg_tf.layers import Augmentation, RandomWindow
from ecg_tf.leads import SAMPLES, SAMPLING_RATE
from ecg_tf.method import SCALINGS
from ecg_tf.models import find, from_ecg, front
from ecg_tf.training.callbacks import (
    AverageWeights,
    CopyWeights,
    KeepRun,
    LeaveOnSignal,
    LowerOnPlateau,
    ScoreDev,
    WatchLoss,
)
from ecg_tf.training.devices import (
    distribution,
    dtype_policy,
    exact_float32,
    forbid_chance,
    use_devices,
)
from ecg_tf.training.loss import WeightedCrossEntropy, positive_weights
from ecg_tf.training.networks import begin_with, build_network, trunks_of, window_image_size
from ecg_tf.training.optimizers import optimizer
from ecg_tf.training.predict import predict_probabilities
from ecg_tf.training.progress import ShowProgress
from ecg_tf.training.run_folder import RunFolder
from ecg_tf.training.schedules import cosine
from ecg_tf.training.settings import MAY_CHANGE
from ecg_tf.training.state import restore_state
from ecg_tf.training.statements import (
    StatementLoss,
    labels_and_statements,
    statements_of,
    with_statements,
)
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
    gpu = use_devices(settings.gpu_id, settings.strategy)
    exact_float32()
    if settings.deterministic:
        forbid_chance(gpu)
    keras.utils.set_random_seed(settings.seed)
    takes = find(settings.model).takes
    _check_image_flags(settings, takes)
    _check_augmentation(settings, takes)
    partitions = {name: _open(settings, name, takes) for name in ("train", "dev")}
    data, train_source = partitions["train"], partitions["train"].source
    dev_source = partitions["dev"].source
    steps = steps_per_epoch(train_source, settings.batch_size)
    pos_weight = positive_weights(settings.pos_weight, train_source.labels, data.class_names)
    loss = trained_loss = WeightedCrossEntropy(pos_weight)
    statements = None
    if settings.statement_weight is not None:
        statements = statements_of(settings, data, takes)
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
    with strategy.scope():
        network = kept = build_network(settings, data.class_names, policy, _samples(settings))
        if settings.initial_run is not None:
            begin_with(network, settings.initial_run, settings, data.class_names)
        if policy != "float32" or settings.window_seconds or settings.ema_momentum:
            kept = build_network(settings, data.class_names)  # the one that is judged and saved
            _check_weights_fit(settings, network, kept)
        model, judged = network, kept
        if statements is not None:
            model = with_statements(network, statements.shape[1])
        if isinstance(train_source, ECGs):
            leads, augmentation = len(settings.leads), Augmentation() if settings.augment else None
            model = from_ecg(
                model, _front(settings, takes, _samples(settings)), leads, augmentation
            )
            judged = from_ecg(kept, _front(settings, takes), leads)
        judged.compile(jit_compile=jit_compile)
        model.compile(
            _optimizer(settings, policy, steps),
            trained_loss,
            auto_scale_loss=False,
            jit_compile=jit_compile,
        )

    with run.locked(), train_source.clear_errors(), dev_source.clear_errors():
        about = _about(settings, partitions, teachers, network, policy, pos_weight)
        if not run.exists:
            RunFolder.create(run.path, settings.flagfile(), about)
        elif overwrite:
            run.remove()
            run.begin(settings.flagfile(), about)
        else:
            _check_same_data(run, about)
            run.save_flags(settings.flagfile())
        history = restore_state(run, model)
        _say_what_is_done(settings, partitions, network, policy, pos_weight, history)
        keep = KeepRun(run, kept, history, settings.patience)
        if not keep.is_patience_spent:
            if teachers:
                train_source.labels = softened_labels(
                    train_source.labels, teachers, settings.teacher_share
                )
                del teachers  # and the records they have looked at
            if statements is not None:
                train_source.labels = labels_and_statements(train_source.labels, statements)
            with LeaveOnSignal(run) as leave:
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
                        WatchLoss(),
                        *_weights(settings, network, kept, judged, train_source, history),
                        ScoreDev(
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
        probabilities = predict_probabilities(run.network(), run.front(), dev_source)
        thresholds = choose_thresholds("gmean", dev_source.labels, probabilities, data.class_names)
        run.finish(thresholds, method="gmean")
    return run


def _check_same_run(run, settings):
    """Whether the run in the folder is this one, and unfinished; an InputError if not."""
    if run.is_finished:
        raise InputError(f"{run.path}: holds a finished run; -overwrite deletes it first")
    backend = keras.backend.backend()
    if backend not in run.about["versions"]:
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


def _check_same_data(run, about):
    for key in ("class_names", "records", "ecg_sha256"):
        if run.about[key] != about[key]:
            raise InputError(
                f"{run.path}: holds an unfinished run on other data: {key} {run.about[key]}, now "
                f"{about[key]}; -overwrite deletes it first"
            )


def _check_image_flags(settings, takes):
    """An InputError for flags on images that pyts makes, where it makes none."""
    backend = settings.image_backend
    if backend == "pyts" and takes == "ecg":
        raise InputError(
            f"image_backend pyts: {settings.model} makes its images itself, by the keras backend"
        )
    made_here = takes == "image" and not is_image_tree(settings.data)
    if made_here and backend != "keras" and keras.backend.backend() != "tensorflow":
        raise InputError(
            "image_backend pyts: it belongs to TensorFlow's input pipeline, and Keras runs on "
            f"{keras.backend.backend()}; -image_backend keras makes the same images"
        )
    if settings.image_cache is not None and (takes != "image" or backend == "keras"):
        raise InputError(
            f"image_cache {settings.image_cache}: it keeps what pyts makes, and here "
            "pyts makes no images"
        )


def _check_augmentation(settings, takes):
    """An InputError for flags on the training ecgs that cannot have an effect."""
    tree = is_image_tree(settings.data)
    if takes == "image" and (tree or settings.image_backend != "keras"):
        usual = {"augment": False, "window_seconds": None}
        if not tree:  # which says what scaling it has
            usual["scaling"] = SCALINGS[0]
        for flag, expected in usual.items():
            value = getattr(settings, flag)
            if value != expected:
                raise InputError(
                    f"{flag} {value}: expected prepared records and image_backend keras; images "
                    "in files or by pyts are made already"
                )
    if settings.window_seconds is not None:
        _check_window(settings, takes)


def _check_window(settings, takes):
    """An InputError for a window that training cannot look through."""
    seconds, size = settings.window_seconds, settings.image_size
    if takes == "ecg":
        raise InputError(
            f"window_seconds {seconds:g}: {settings.model} has two branches; only networks of "
            "signals or of images train on windows"
        )
    if takes == "image" and settings.scaling == SCALINGS[0]:
        raise InputError(
            f"window_seconds {seconds:g}: expected scaling {SCALINGS[1]}; under {SCALINGS[0]} a "
            "window's images are not what the whole record's show of it"
        )
    if takes == "image" and size * _samples(settings) % SAMPLES:
        raise InputError(
            f"window_seconds {seconds:g}: expected whole pixels, where {SAMPLES / SAMPLING_RATE:g} "
            f"s have {size}"
        )


def _check_weights_fit(settings, network, kept):
    """An InputError if what a network of windows has learnt is of no use for whole records."""
    if [weight.shape for weight in network.weights] != [weight.shape for weight in kept.weights]:
        raise InputError(
            f"window_seconds {settings.window_seconds:g}: {settings.model} has as many weights as "
            "its image has pixels; only a network that takes images of every size trains on windows"
        )


def _samples(settings):
    """Length of what is trained on."""
    seconds = settings.window_seconds
    return SAMPLES if seconds is None else round(seconds * SAMPLING_RATE)


def _front(settings, takes, samples=SAMPLES):
    """What comes before a network of `samples`."""
    size = window_image_size(settings.image_size, samples)
    window = RandomWindow(samples) if samples < SAMPLES else None
    return front(takes, settings.channels, size, settings.scaling, window)


def _open(settings, partition, takes):
    return open_partition(
        settings.data,
        partition,
        leads=settings.leads,
        scaling=settings.scaling,
        takes=takes,
        channels=settings.channels,
        image_size=settings.image_size,
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


def _about(settings, partitions, teachers, network, policy, pos_weight):
    """What the run folder says of the run."""
    data = partitions["train"]
    takes = find(settings.model).takes
    given = {name: getattr(settings, name, None) for name in find(settings.model).hyperparameters}
    return {
        "model": settings.model,
        "hyperparameters": {name: value for name, value in given.items() if value is not None},
        "parameters": network.count_params(),
        "class_names": list(data.class_names),
        "leads": list(settings.leads),
        "channels": None if takes == "signal" else list(settings.channels),
        "image_size": None if takes == "signal" else settings.image_size,
        "scaling": settings.scaling,
        "trunks": trunks_of(settings),
        "teachers": [
            {name: teacher.about[name] for name in ("model", "leads")} for teacher in teachers
        ],
        "simulated": data.simulated,
        "records": {name: len(part.source) for name, part in partitions.items()},
        "ecg_sha256": {name: part.ecg_sha256 for name, part in partitions.items()},
        "pos_weight": pos_weight.tolist(),
        "dtype_policy": policy,
        "started": time.strftime("%Y-%m-%d %H:%M:%S %z"),
        "versions": _versions(),
        "git_revision": _git_revision(),
    }


def _versions():
    names = (keras.backend.backend(), "keras", "numpy", "pyts")
    installed = {
        name: importlib.metadata.version(name) for name in names if importlib.util.find_spec(name)
    }
    return {"ecg_tf": ecg_tf.__version__, **installed}


def _git_revision():
    """The commit of the checkout that this file is in; None outside of one."""
    command = ["git", "-C", Path(__file__).parent, "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:  # no git
        return None
    return answer.stdout.strip() or None


def _say_what_is_done(settings, partitions, network, policy, pos_weight, history):
    data = partitions["train"]
    logging.info(
        "%s: %d parameters, %s; %d train and %d dev records%s; positives weigh %s",
        settings.model,
        network.count_params(),
        policy,
        len(data.source),
        len(partitions["dev"].source),
        " (simulated ECGs)" if data.simulated else "",
        ", ".join(f"{name} {w:.2f}" for name, w in zip(data.class_names, pos_weight, strict=True)),
    )
    if isinstance(data.source, ECGs):
        made = {
            "image": "keras layers make their images on the network's device",
            "signal": "keras layers make their signals on the network's device",
            "ecg": "the network makes signals and images of them",
        }
        takes = find(settings.model).takes
        logging.info("ecgs %s; %s, step by step", data.source.place, made[takes])
    elif is_image_tree(settings.data):
        logging.info("images from %s", settings.data)
    else:
        logging.info(
            "images by pyts, at some 20 a second and core%s; -image_backend keras makes the same "
            "on the network's device, tens of times as fast (bin/benchmark.py)",
            f", kept in {settings.image_cache}" if settings.image_cache else "",
        )
    if history:
        logging.info("going on after epoch %d", len(history))
