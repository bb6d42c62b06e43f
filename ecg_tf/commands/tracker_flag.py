"""The flag -tracker."""

from absl import flags

from ecg_tf.tracking.trackers import TRACKERS

flags.disclaim_key_flags()  # -help lists the flag as the command's own


def define_tracker(text):
    """Define -tracker, with `text` as its help.

    Returns:
        absl's `FlagHolder`.
    """
    return flags.DEFINE_enum("tracker", "none", TRACKERS, text)
