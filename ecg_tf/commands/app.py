"""How each command runs its main: flags with plain errors and help, exit status, signals."""

import ctypes
import os
import signal
import sys

from absl import app, flags

from ecg_tf.commands.flag_files import parse_flags
from ecg_tf.commands.output_streams import NotPrinted, OutputStream, discard_unwritten
from ecg_tf.commands.quick_imports import make_imports_quick
from ecg_tf.commands.quiet import show_own_lines_only
from ecg_tf.errors import InputError, Interrupted, quoted
from ecg_tf.leads import MILLIVOLT

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # malloc.h

_COMMON_FLAGS = """

All commands: -flagfile FILE reads flags from a file, -verbosity 1 also shows what libraries log,
and -helpfull lists all flags."""

_BACKENDS = ("tensorflow", "jax")  # of Keras

flags.disclaim_key_flags()  # flags that this module defines for a command are the command's own


def run(main):
    """Run `main(argv)` on the flags of the command line and end the process, see `end_with`.

    -help prints the docstring of main's module and the flags that the module defines.

    Args:
        main: takes the list of the program's name and the arguments that are no flags; returns the
            exit status, None for 0. Such arguments are an error, unless `main` has the attribute
            `takes_arguments`.
    """

    def parse(argv):
        _define_help(main)
        return parse_flags(argv)

    def checked(argv):
        if argv[1:] and not getattr(main, "takes_arguments", False):
            raise InputError(f"not a flag: {quoted(argv[1])}")
        _check_backend()
        if flags.FLAGS.verbosity <= 0:
            show_own_lines_only()
        make_imports_quick()
        # By itself TensorFlow uses oneDNN only on CPUs with AVX512-VNNI or the like. With AVX2,
        # too, it trains AlexNet at twice the rate.
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
        return main(argv)

    end_with(lambda: app.run(checked, flags_parser=parse))


def _check_backend():
    """Raise an InputError if KERAS_BACKEND is no backend that ecg_tf supports."""
    backend = os.environ.get("KERAS_BACKEND")
    if backend and backend not in _BACKENDS:
        raise InputError(f"KERAS_BACKEND {quoted(backend)}: expected {' or '.join(_BACKENDS)}")


def end_with(work):
    """Call `work()` and end the process, with a plain message whatever ends it.

    Exit status: what `work` returns; 1 with its message for an InputError, a wrong flag, or a
    standard output that cannot be written. As in shells, 128 + the number of the signal: with a
    message for `Interrupted`, Ctrl-C and SIGTERM; without one where the reader of standard output
    or of standard error has gone away (`| head`, `2>&1 | head`). Characters that standard output
    cannot show are replaced.

    Args:
        work: takes nothing; returns the exit status, None for 0.
    """
    keep_freed_memory()
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
            signal.signal(number, _interrupt)
    if sys.stdout:
        sys.stdout.reconfigure(errors="replace")
        sys.stdout = OutputStream(sys.stdout)
    try:
        status = _status_of(work)
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()
    except NotPrinted as failure:
        status = _status_of_not_printed(failure.__cause__)
    sys.exit(status)


def define_path(name, default, text, **more):
    """An absl flag for a path or a name of `ecg_tf.pretrained.place`; ~ is the home folder."""
    return flags.DEFINE(_PathParser(), name, default, text, **more)


def define_paths(name, default, text, **more):
    """An absl flag for a list of paths, separated by commas; see `define_path`."""
    return flags.DEFINE(
        _PathsParser(), name, default, text, serializer=flags.CsvListSerializer(","), **more
    )


def _define_help(main):
    """Let -help and -helpfull show the command, whichever program runs it."""
    module = sys.modules[main.__module__]
    name = sys.argv[0] if module.__name__ == "__main__" else module.__name__  # as absl names it

    def describe():
        return flags.FLAGS.module_help(name).partition(":\n")[2] + _COMMON_FLAGS

    def describe_all():
        return flags.FLAGS.get_help()

    for flag, short, text, describe_flags in (
        ("help", "?", "Show the command and its flags.", describe),
        ("helpshort", None, "Same as -help.", describe),
        ("helpfull", None, "Show the command and all flags.", describe_all),
    ):
        flags.DEFINE_flag(_HelpFlag(flag, short, text, module.__doc__ or "", describe_flags))


class _HelpFlag(flags.BooleanFlag):
    """A flag that prints a command's docstring and flags, and ends the process with status 0."""

    def __init__(self, name, short_name, text, doc, describe_flags):
        # In the place of absl's flag, which looks for the docstring in `__main__`.
        super().__init__(name, False, text, short_name=short_name, allow_override=True)
        self._doc, self._describe_flags = doc, describe_flags

    def parse(self, argument):
        super().parse(argument)
        if self.value:
            print(f"{self._doc.strip()}\n\nFlags:\n{self._describe_flags()}".strip())
            sys.exit()


def define_reading_flags():
    """Define the flags of commands that read ECG files.

    Returns:
        A function () that returns {argument of `ecg_tf.data.any_ecg.read_any`: its value}.
    """
    lacking = "of a CSV, NumPy, MATLAB or HDF5 file that does not contain it"
    holders = {
        "sampling_rate": flags.DEFINE_float("sampling_rate", None, f"sampling rate {lacking}, Hz"),
        "unit": flags.DEFINE_enum("unit", None, list(MILLIVOLT), f"unit {lacking}"),
        "lead_names": flags.DEFINE_list(
            "lead_names",
            None,
            "names of the leads, in order, of a NumPy, MATLAB or HDF5 file that does not contain "
            "them",
        ),
        "derive_leads": flags.DEFINE_bool(
            "derive_leads", False, "compute missing leads III, aVR, aVL and aVF from I and II"
        ),
    }
    return lambda: {name: holder.value for name, holder in holders.items()}


class _PathParser(flags.ArgumentParser):
    syntactic_help = "a path"

    def parse(self, argument):
        return os.path.expanduser(argument)  # noqa: PTH111 - text stays as it was given

    def flag_type(self):
        return "path"


class _PathsParser(flags.ListParser):
    def parse(self, argument):
        return [_PathParser().parse(path) for path in super().parse(argument)]


def _status_of(work):
    """The exit status of `work()`; prints why, where it raised an error."""
    try:
        return work()
    except SystemExit as end:  # absl's way to return
        return end.code
    except InputError as error:
        return _said(f"error: {error}", 1)
    except Interrupted as interruption:
        return _said(interruption, 128 + interruption.signal)
    except KeyboardInterrupt as interruption:
        number = interruption.args[0] if interruption.args else signal.SIGINT
        return _said_interrupted(number)


def _status_of_not_printed(error):
    discard_unwritten()
    if isinstance(error, BrokenPipeError):
        return 128 + signal.SIGPIPE
    return _said(f"error: standard output: cannot be written: {error.strerror}", 1)


def _said(message, status):
    print(" ".join(str(message).splitlines()), file=sys.stderr)
    return status


def _interrupt(number, frame):
    while frame:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            # An interrupted import may crash in the code of the library.
            os._exit(_said_interrupted(number))
        frame = frame.f_back
    raise KeyboardInterrupt(number)


def _said_interrupted(number):
    return _said(f"{signal.Signals(number).name}: interrupted", 128 + number)


def _end_quickly(kind, value, trace):
    """Ctrl-C before `run`, while the program still imports what it needs."""
    if not issubclass(kind, KeyboardInterrupt):
        return sys.__excepthook__(kind, value, trace)
    os._exit(_said_interrupted(signal.SIGINT))


sys.excepthook = _end_quickly


def keep_freed_memory():
    """Let glibc keep up to 2 GB of freed memory for the next batch; does nothing elsewhere.

    By default glibc returns the memory of large arrays to the kernel, and each batch waits until
    fresh pages are zeroed: up to half the time of a training step. All threads share one arena,
    because the other arenas return blocks of more than 64 MB whatever their settings. This changes
    the current process only and must be called before the first large array is made.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt:
        mallopt(_M_ARENA_MAX, 1)
        mallopt(_M_MMAP_THRESHOLD, 2**30)
        mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)
