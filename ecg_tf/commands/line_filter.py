"""Copies standard input to standard output without the lines that frameworks print by themselves.

JAX aborts a process of several when process 0 dies, with a stack trace that does not say so; this
is said instead.

This is a program, `python -I -S line_filter.py`, and not a thread, so that the last words of a
process that crashes are copied too.
"""

import re
import sys

# Of the C++ libraries: information and warnings, and errors about a GPU that is missing or about
# parts of TensorFlow that are registered twice. Other errors, and what is fatal, are passed on. Of
# Python's logging in the worker processes of Apache Beam: information and warnings.
STARTUP_LINE = re.compile(
    rb"""
    WARNING:[ ]All[ ]log[ ]messages[ ]before[ ]absl::InitializeLog
    | [IW]\d{4}[ ]\d\d:\d\d:\d+\.\d+ .* \.(cc|h):\d+\]
    | \d{4}-\d\d-\d\d[ ]\d\d:\d\d:\d\d\.\d+:[ ][IW][ ] .* \.(cc|h):\d+\]
    | .* \.(cc|h):\d+\][ ](Unable[ ]to[ ]register|failed[ ]call[ ]to[ ]cuInit|computation[ ]placer)
    | To[ ]enable[ ](the[ ]following[ ]instructions|them[ ]in[ ]other[ ]operations)
    | (INFO|WARNING):[ ].*(TensorFlow[ ]Lite|XNNPACK|delegate)
    | (INFO|WARNING):[\w.]+:
    | \[Gloo\][ ]Rank
    | (\x1b\[[\d;]*m)?\d{4}-\d\d-\d\d[ ][\d:.]+[ ]\[[IW]:onnxruntime:
    """,
    re.VERBOSE,
)


# What JAX prints when its coordination service, which process 0 runs, does not answer, or waits for
# other processes in vain.
ABORTED = b"Terminating process because the JAX distributed service detected fatal errors"
SAID_INSTEAD = b"error: process 0 has died, or the processes did not find each other in time\n"


def main():
    """Copy line by line until nobody writes to standard input any more."""
    for line in sys.stdin.buffer:
        if ABORTED in line:
            sys.stdout.buffer.write(SAID_INSTEAD)
            break
        if not STARTUP_LINE.match(line):
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
