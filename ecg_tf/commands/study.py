"""Train the runs that a file lists, one after the other, and compare them.

ecg_tf study -config configs/study.cfg -data data/ptb_xl -study_dir study -partition dev

Each run is written to a folder in -study_dir, the comparison to the folder `comparison` there.
Rerun the same command to resume where it was stopped: finished runs are kept. If a run fails, it is
named, the other runs are trained, and the exit status is 1. configs/study.cfg shows the form of the
file.
"""

from absl import flags

from ecg_tf.commands import app
from ecg_tf.commands.tracker_flag import define_tracker

_CONFIG = app.define_path("config", None, "file that lists the runs", required=True)
_DATA = app.define_path("data", None, "folder of prepared records", required=True)
_STUDY_DIR = app.define_path("study_dir", None, "folder to write the run folders to", required=True)
_PARTITION = flags.DEFINE_enum(
    "partition", "dev", ["test", "dev"], "partition to compare the runs on"
)
_ALLOW_SEEN = flags.DEFINE_bool(
    "allow_seen",
    False,
    "train and compare runs also on records that one of them was trained on or chosen by",
)
_TRACKER = define_tracker("record each run in MLflow or Weights & Biases")


def main(_):
    from ecg_tf.study.run_grid import TRAIN, run_grid

    return run_grid(
        _CONFIG.value,
        _DATA.value,
        _STUDY_DIR.value,
        _PARTITION.value,
        allow_seen=_ALLOW_SEEN.value,
        command=(
            *TRAIN,
            f"--verbosity={flags.FLAGS.verbosity}",
            f"--tracker={_TRACKER.value}",
        ),
    )
