"""How every script in bin/ runs its main: absl flags in, InputError out as one plain message."""

import os
import sys

from absl import app

from ecg_tf.errors import InputError, Interrupted

# TensorFlow's own log, mostly about GPUs that are not there; what fails is raised all the same.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def run(main):
    """Run `main(argv)` under absl; an InputError ends it with its message and exit status 1.

    `Interrupted` ends it with its message and, as shells have it, 128 + the number of the signal.

    Left-over arguments (a value without its flag) are an error too, unless `main` has the
    attribute `takes_arguments`.
    """

    def guarded(argv):
        if argv[1:] and not getattr(main, "takes_arguments", False):
            raise app.UsageError(f"not a flag: {' '.join(argv[1:])}")
        try:
            return main(argv)
        except InputError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
        except Interrupted as interruption:
            print(interruption, file=sys.stderr)
            return 128 + interruption.signal

    app.run(guarded)
