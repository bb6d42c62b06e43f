"""Progress of long work on standard error: a bar on a terminal, a line now and then elsewhere."""

import sys
import time

import tqdm

SECONDS = 10  # between two lines where standard error is no terminal


class Progress:
    """Shows how many of a known number of items are done; a context manager.

    Args:
        total: number of items.
        unit: what they are, in the plural: "records".
        description: what is done, such as "reading".
        done: items that were done before.
    """

    def __init__(self, total, unit, description, done=0):
        self._total, self._unit, self._description, self._done = total, unit, description, done
        self._bar = None
        if sys.stderr and sys.stderr.isatty():
            self._bar = tqdm.tqdm(
                desc=description, total=total, initial=done, unit=f" {unit}", leave=False
            )
        self._next_line = time.monotonic() + SECONDS

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def advance(self, items=1, note=""):
        """Count `items` more as done; a bar shows `note`, a short text, at its end."""
        self._done += items
        if self._bar is not None:
            if note:
                self._bar.set_postfix_str(note, refresh=False)
            self._bar.update(items)
            if self._done >= self._total:
                self.close()
        elif sys.stderr and time.monotonic() >= self._next_line and self._done < self._total:
            print(
                f"{self._description}: {self._done} of {self._total} {self._unit}",
                file=sys.stderr,
                flush=True,
            )
            self._next_line = time.monotonic() + SECONDS

    def close(self):
        """Take the bar off the terminal."""
        if self._bar is not None:
            self._bar.close()
