"""How every script in bin/ runs its main: absl flags in, InputError out as one plain message."""

import ctypes
import os
import sys

from absl import app

from ecg_tf.errors import InputError, Interrupted

# TensorFlow's own log, mostly about GPUs that are not there; what fails is raised all the same.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # malloc.h


def run(main):
    """Run `main(argv)` under absl; an InputError ends it with its message and exit status 1.

    `Interrupted` ends it with its message and, as shells have it, 128 + the number of the signal.

    Left-over arguments (a value without its flag) are an error too, unless `main` has the
    attribute `takes_arguments`.
    """
    keep_freed_memory()

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


def keep_freed_memory():
    """Let glibc keep what is freed, up to 2 GB, for the next batch; elsewhere do nothing.

    By default it hands large arrays back to the kernel, and every batch waits for fresh pages, all
    to be zeroed: up to half the time of a training step. One arena for all threads, as the others
    hand back all that is larger than 64 MB whatever their settings. For this process only, and to
    be called before the first such array.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt:
        mallopt(_M_ARENA_MAX, 1)
        mallopt(_M_MMAP_THRESHOLD, 2**30)
        mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)
