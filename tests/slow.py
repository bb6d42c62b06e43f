"""The tests that `bin/test` leaves out."""

from pathlib import Path

# The beginnings of their IDs.
SLOW = tuple(
    line
    for line in Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
)
