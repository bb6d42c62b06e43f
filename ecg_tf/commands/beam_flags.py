"""Flags of the commands that can run on a cluster."""

from pathlib import Path

from absl import flags

from ecg_tf.beam import RUNNERS, Beam
from ecg_tf.errors import InputError
from ecg_tf.pretrained.shipped import is_name


def define_beam_flags():
    """Define -beam_runner and -beam_options.

    Returns:
        A function of the names of flags for paths, which become absolute with Beam: its workers run
        in other folders. It returns a `Beam`, or None without -beam_runner.
    """
    runner = flags.DEFINE_enum(
        "beam_runner",
        None,
        list(RUNNERS),
        "runner of Apache Beam that does the work, on a cluster. Default: processes of this "
        "machine, without Beam",
    )
    options = flags.DEFINE_string(
        "beam_options", "", "options of the runner and of Beam, as --direct_num_workers=2"
    )

    def value(*paths):
        if runner.value is None:
            if options.value:
                raise InputError("-beam_options: expected -beam_runner with it")
            return None
        for path in map(flags.FLAGS.__getitem__, paths):
            if path.value and not is_name(path.value):
                path.value = str(Path(path.value).absolute())
        return Beam(runner.value, options.value)

    return value
