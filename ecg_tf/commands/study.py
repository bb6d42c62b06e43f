"""Train all runs that a file lists, one after the other, and compare them.

ecg_tf study -config configs/study.cfg -data data/ptb_xl -study_dir study -partition dev

The same command goes on where it was stopped: finished runs stay as they are. Each run is a folder
in -study_dir; the comparison is in its folder `comparison`. What the file looks like says
configs/study.cfg. A run that fails is named, the others go on, and the exit status is then 1.
"""

from absl import flags

from ecg_tf.commands import app

_CONFIG = app.define_path("config", None, "the file that lists the runs", required=True)
_DATA = app.define_path("data", None, "prepared records", required=True)
_STUDY_DIR = app.define_path("study_dir", None, "folder for all run folders", required=True)
_PARTITION = flags.DEFINE_enum("partition", "dev", ["test", "dev"], "the records compared on")
_ALLOW_SEEN = flags.DEFINE_bool("allow_seen", False, "see ecg_tf train and ecg_tf compare")


def main(_):
    from ecg_tf.study.run_study import TRAIN, run_study

    return run_study(
        _CONFIG.value,
        _DATA.value,
        _STUDY_DIR.value,
        _PARTITION.value,
        allow_seen=_ALLOW_SEEN.value,
        command=(*TRAIN, f"--verbosity={flags.FLAGS.verbosity}"),
    )
