"""Train a network on prepared records or an image tree, and leave a run folder.

ecg_tf train -model alexnet -data data/ptb_xl -path_save_model runs/alexnet
"""

import dataclasses

from absl import flags

from ecg_tf.commands import app
from ecg_tf.preprocessing import SCALINGS
from ecg_tf.training.settings import (
    IMAGE_BACKENDS,
    MIXED_PRECISION,
    OPTIMIZERS,
    SCHEDULES,
    STRATEGIES,
    Settings,
)

flags.DEFINE_string("model", None, "name of the network", required=True)
app.define_path("data", None, "prepared or packed records, or an image tree", required=True)
app.define_path("path_save_model", None, "the run folder to write", required=True)
_OVERWRITE = flags.DEFINE_bool("overwrite", False, "delete the run that is in the run folder first")
flags.DEFINE_integer("epochs", Settings.epochs, "at most so many epochs")
flags.DEFINE_integer("batch_size", Settings.batch_size, "records in a batch")
flags.DEFINE_float(
    "learning_rate", Settings.learning_rate, "the largest; what it becomes says -schedule"
)
flags.DEFINE_enum(
    "schedule",
    Settings.schedule,
    SCHEDULES,
    "of the learning rate: constant, cosine (to 0 at the last of -epochs), or plateau (times 0.3 "
    "after -plateau_patience epochs without a better dev loss)",
)
flags.DEFINE_float("warmup_epochs", Settings.warmup_epochs, "of cosine: the rate rises from 0")
flags.DEFINE_integer("plateau_patience", Settings.plateau_patience, "see -schedule")
flags.DEFINE_enum("optimizer", Settings.optimizer, OPTIMIZERS, "sgd has no momentum")
flags.DEFINE_float("l2_decay", Settings.l2_decay, "L2 penalty, as PyTorch's weight_decay")
flags.DEFINE_float(
    "clip_norm", None, "largest norm of all gradients together; no limit if not given"
)
flags.DEFINE_float(
    "ema_momentum",
    None,
    "judge and save the moving average of the weights, of which this share stays in every step; "
    "the weights themselves if not given",
)
flags.DEFINE_string(
    "pos_weight",
    Settings.pos_weight,
    "weights of the positives in the loss: auto (negatives / positives of the training labels), "
    "original (the study's), none, or a,b,c,d",
)
flags.DEFINE_bool("norm_class", False, "a fifth class, NORM: none of the four")
flags.DEFINE_float(
    "statement_weight",
    None,
    "learn PTB-XL's SCP statements beside the classes, each with this weight in the loss; the "
    "network that is kept answers the classes alone; not if not given",
)
flags.DEFINE_integer("patience", Settings.patience, "epochs without a better dev loss, then stop")
flags.DEFINE_integer("seed", Settings.seed, "of the weights, the order of the records and dropout")
flags.DEFINE_bool("deterministic", False, "the same run twice gives the same numbers, bit by bit")
flags.DEFINE_bool(
    "augment", False, "training records shifted, scaled, noisy, or without a lead, by chance"
)
flags.DEFINE_float(
    "mixup", None, "mix training records, shares drawn from Beta(MIXUP, MIXUP); not if not given"
)
flags.DEFINE_float(
    "window_seconds", None, "train on random windows so long; on whole records if not given"
)
flags.DEFINE_float(
    "dropout", None, "of the network; its own default if not given, as the next ones"
)
flags.DEFINE_integer("nb_filters", None, "of the first convolution")
flags.DEFINE_integer("hidden_size", None, "units of each GRU")
flags.DEFINE_integer("num_layers", None, "GRUs upon each other")
flags.DEFINE_float(
    "sliding_seconds",
    None,
    "of resnet1d: look at overlapping windows so long and take the mean of what is found in them; "
    "at the whole record at once if not given",
)
app.define_paths(
    "teacher_runs",
    None,
    "soften the training labels by what these runs answer, of any networks and leads: run folders "
    "or pretrained:NAME",
)
flags.DEFINE_float("teacher_share", Settings.teacher_share, "of a softened label, the teachers'")
app.define_path(
    "initial_run",
    None,
    "begin with the weights of this run, of the same network: a run folder or pretrained:NAME",
)
app.define_path("signal_run", None, "a two-branch network's signal backbone, likewise")
app.define_path("image_run", None, "its image backbone, likewise")
flags.DEFINE_string("signal_model", None, "without -signal_run: name of a fresh backbone; bigru")
flags.DEFINE_string("image_model", None, "without -image_run: name of a fresh backbone; alexnet")
flags.DEFINE_bool(
    "allow_seen",
    False,
    "train also where dev holds records that one of these runs, or this one, is trained on",
)
flags.DEFINE_list("leads", list(Settings.leads), "leads used, in order")
flags.DEFINE_list("channels", list(Settings.channels), "images of each lead, in order")
flags.DEFINE_integer("image_size", Settings.image_size, "height and width of the images")
flags.DEFINE_enum(
    "scaling",
    Settings.scaling,
    SCALINGS,
    "of images and signals: record (each lead by its own range, as in the study) or millivolt "
    "(fixed: the amplitude is kept)",
)
flags.DEFINE_enum(
    "image_backend",
    Settings.image_backend,
    IMAGE_BACKENDS,
    "who makes an image network's images of prepared records: pyts in the input pipeline, the "
    "default, or keras layers",
)
app.define_path("image_cache", None, "an image tree that keeps the images pyts makes")
flags.DEFINE_enum(
    "mixed_precision",
    Settings.mixed_precision,
    MIXED_PRECISION,
    "auto is float16 on a GPU, none on a CPU",
)
flags.DEFINE_integer("gpu_id", Settings.gpu_id, "the GPU used, if there is one")
flags.DEFINE_enum(
    "strategy", Settings.strategy, STRATEGIES, "mirrored: share every batch out among all GPUs"
)


def main(_):
    settings = Settings(**{f.name: flags.FLAGS[f.name].value for f in dataclasses.fields(Settings)})

    from ecg_tf.training.train import train

    print(f"finished: {train(settings, _OVERWRITE.value).path}")
