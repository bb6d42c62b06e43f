"""Train a network on prepared records or an image tree, and leave a run folder.

ecg_tf train -model alexnet -data data/ptb_xl -path_save_model runs/alexnet
"""

from absl import flags

from ecg_tf.commands.setting_flags import define_settings
from ecg_tf.training.settings import Settings

_SETTINGS = define_settings()
_OVERWRITE = flags.DEFINE_bool("overwrite", False, "delete the run that is in the run folder first")


def main(_):
    settings = Settings(**{flag.name: flag.value for flag in _SETTINGS})

    from ecg_tf.training.train import train

    print(f"finished: {train(settings, _OVERWRITE.value).path}")
