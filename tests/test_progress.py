"""Progress is a bar on a terminal, and elsewhere a line now and then."""

import sys

import pytest

from ecg_tf import progress
from ecg_tf.progress import Progress


@pytest.fixture
def clock(monkeypatch):
    """A list with the time in seconds, which tests change."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_line_is_printed_every_ten_seconds(clock, capsys):
    with Progress(100, "records", "reading", done=10) as shown:
        for _ in range(90):
            clock[0] += 0.25
            shown.advance()
    output, error = capsys.readouterr()
    assert output == ""
    assert error == "reading: 50 of 100 records\nreading: 90 of 100 records\n"


def test_short_work_prints_nothing(clock, capsys):
    with Progress(2, "records", "reading") as shown:
        shown.advance()
        clock[0] = 60
        shown.advance()
    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_a_bar_with_a_note(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(progress.tqdm.tqdm, "monitor_interval", 0)
    with Progress(4, "records", "reading") as shown:
        shown._bar.mininterval = 0
        shown.advance(2, "loss=0.5")
    output, error = capsys.readouterr()
    assert output == ""
    assert "reading:  50%|" in error
    assert " records/s, loss=0.5]" in error
    assert error.endswith("\r")  # nothing is left on the line


def test_without_standard_error_nothing_is_shown(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    Progress(1, "records", "reading").advance()
