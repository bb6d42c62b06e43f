#!/usr/bin/env python3
"""Train a network on prepared records or an image tree, and leave a run folder.

python bin/train.py -model alexnet -data data/ptb_xl -path_save_model runs/alexnet
"""

import dataclasses

from absl import flags

from ecg_tf import app
from ecg_tf.training.settings import IMAGE_BACKENDS, MIXED_PRECISION, OPTIMIZERS, Settings

flags.DEFINE_string("model", None, "name of the network", required=True)
flags.DEFINE_string("data", None, "prepared records, or an image tree", required=True)
flags.DEFINE_string("path_save_model", None, "the run folder to write", required=True)
flags.DEFINE_integer("epochs", Settings.epochs, "at most so many epochs")
flags.DEFINE_integer("batch_size", Settings.batch_size, "records in a batch")
flags.DEFINE_float("learning_rate", Settings.learning_rate, "of the optimiser")
flags.DEFINE_enum("optimizer", Settings.optimizer, OPTIMIZERS, "sgd has no momentum")
flags.DEFINE_float("l2_decay", Settings.l2_decay, "L2 penalty, as PyTorch's weight_decay")
flags.DEFINE_string(
    "pos_weight",
    Settings.pos_weight,
    "weights of the positives in the loss: auto (negatives / positives of the training labels), "
    "original (the study's), none, or a,b,c,d",
)
flags.DEFINE_integer("patience", Settings.patience, "epochs without a better dev loss, then stop")
flags.DEFINE_integer("seed", Settings.seed, "of the weights, the order of the records and dropout")
flags.DEFINE_float("dropout", None, "of the network; its own default if not given")
flags.DEFINE_integer("nb_filters", None, "of the first convolution; the network's own default")
flags.DEFINE_list("leads", list(Settings.leads), "leads used, in order")
flags.DEFINE_list("channels", list(Settings.channels), "images of each lead, in order")
flags.DEFINE_integer("image_size", Settings.image_size, "height and width of the images")
flags.DEFINE_enum(
    "image_backend",
    Settings.image_backend,
    IMAGE_BACKENDS,
    "who makes the images of prepared records: pyts in the input pipeline, or keras layers",
)
flags.DEFINE_string("image_cache", None, "an image tree that keeps the images pyts makes")
flags.DEFINE_enum(
    "mixed_precision",
    Settings.mixed_precision,
    MIXED_PRECISION,
    "auto is float16 on a GPU, none on a CPU",
)
flags.DEFINE_integer("gpu_id", Settings.gpu_id, "the GPU used, if there is one")


def main(_):
    settings = Settings(**{f.name: flags.FLAGS[f.name].value for f in dataclasses.fields(Settings)})

    from ecg_tf.training.train import train

    print(f"finished: {train(settings).path}")


if __name__ == "__main__":
    app.run(main)
