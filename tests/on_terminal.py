"""Commands whose standard error is a terminal, and what they show there."""

import contextlib
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import tempfile
import termios

# A bar of tqdm, or the line in its place that a slow machine may need.
_PROGRESS = re.compile(r"[^:]*: +\d+%\|.*\| \d+/\d+ \[|[^:]*: \d+ of \d+ \w+$")


def run_on_terminal(*command):
    """Run a command with its standard error on a terminal of 120 columns.

    Returns:
        `subprocess.CompletedProcess`; its `stderr` is as the terminal received it.
    """
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            list(map(str, command)), stdout=output, stderr=its, env=noisy_environment()
        )
        os.close(its)
        shown = b""
        with contextlib.suppress(OSError):  # raised at its end on Linux
            while part := os.read(ours, 2**16):
                shown += part
        os.close(ours)
        status = process.wait()
        output.seek(0)
        return subprocess.CompletedProcess(
            command, status, output.read().decode(), shown.decode().replace("\r\n", "\n")
        )


def run_in_pipes(*command):
    """Run a command with standard output and standard error in pipes, otherwise the same."""
    return subprocess.run(
        list(map(str, command)), capture_output=True, text=True, env=noisy_environment()
    )


def ecg_tf(name, *arguments):
    """The command line of `ecg_tf NAME …`."""
    return sys.executable, "-m", "ecg_tf", name, *arguments


def noisy_environment():
    """The environment without what tests/conftest.py asks of TensorFlow."""
    return {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}


def lines_and_progress(shown):
    """What standard error received, taken apart: (lines, progress), lists of str."""
    parts = [part.strip() for part in re.split(r"[\r\n]|\x1b\[\w", shown) if part.strip()]
    progress = [part for part in parts if _PROGRESS.match(part)]
    return [part for part in parts if part not in progress], progress


def assert_lines(shown, *expected):
    """Assert that the lines of standard error, but progress, match regular expressions each."""
    found, _ = lines_and_progress(shown)
    assert len(found) == len(expected), "\n".join(found)
    for line, pattern in zip(found, expected, strict=True):
        assert re.fullmatch(pattern, line), f"{line!r} is not {pattern!r}"


def heed_ctrl_c():
    """Undo that processes a shell starts in the background, and their children, ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
