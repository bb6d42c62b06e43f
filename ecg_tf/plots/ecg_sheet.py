"""All leads of an ECG on one sheet of ECG paper, with a calibration pulse for each lead."""

from collections.abc import Collection, Sequence

import numpy as np
from matplotlib.axes import Axes

from ecg_tf.leads import LEADS, SAMPLING_RATE
from ecg_tf.plots.ecg_paper import FAINT, GRID_SECONDS, TRACE, draw_paper, draw_trace, line_distance

_TEXT = "#1c2730"
_GAP = 0.3  # mV at least from one lead to the next
_MOST_LINES = 60  # of the paper, one above the other
# Seconds before the beginning of the ECG, and heights relative to that of the pulse.
_PULSE_SECONDS, _PULSE_HEIGHTS = (-0.5, -0.4, -0.4, -0.2, -0.2, -0.1), (0, 0, 1, 1, 0, 0)
_MARGIN = 0.6  # seconds before the beginning of the ECG


class ECGSheet:
    """Leads in millivolt, one below the other at a common scale, on a grid of squares.

    Args:
        ecg: (time, 12) millivolt, leads in the order of `LEADS`. Leads with samples that are not
            finite are left out.
        main: names of the leads to draw in a dark colour; the others are faint.
        start: time of the first sample, seconds.
        sampling_rate: sampling rate of `ecg`, Hz.

    Attributes:
        leads: names of the leads that are drawn.
        pulse: height of the calibration pulses, millivolt.
    """

    def __init__(
        self,
        ecg: np.ndarray,
        main: Collection[str],
        start: float = 0.0,
        sampling_rate: int = SAMPLING_RATE,
    ) -> None:
        there = np.flatnonzero(np.isfinite(ecg).all(axis=0))
        self.leads = tuple(LEADS[k] for k in there)
        self._main, self._start, self._rate = main, start, sampling_rate
        self._seconds = len(ecg) / sampling_rate
        traces = ecg[:, there] - np.median(ecg[:, there], axis=0)
        low, high = traces.min(axis=0), traces.max(axis=0)
        span = (high - low + _GAP).sum()
        self._distance = line_distance(span, _MOST_LINES)
        self.pulse = 2 * self._distance
        steps = np.maximum(high[1:] - low[:-1], self.pulse) + _GAP
        self._levels = -np.concatenate([[0], np.cumsum(steps)])
        self._traces = traces + self._levels
        self._low = low[-1] + self._levels[-1] - _GAP
        self._high = max(high[0], self.pulse) + _GAP

    @property
    def height(self) -> float:
        """Height of the sheet relative to its width, for a grid of squares."""
        lines = (self._high - self._low) / self._distance
        return lines / ((self._seconds + _MARGIN) / GRID_SECONDS)

    @property
    def scale(self) -> str:
        """What a square of the grid and a pulse stand for, as text."""
        return (
            f"a square: {GRID_SECONDS:g} s and {self._distance:g} mV; pulse at the left: 0.2 s and "
            f"{self.pulse:g} mV"
        )

    def draw(self, axis: Axes) -> None:
        """Draw the sheet over the whole of an axis."""
        axis.set_yticks(self._levels, self.leads)
        labels: Sequence = axis.get_yticklabels()
        for trace, level, lead, label in zip(
            self._traces.T, self._levels, self.leads, labels, strict=True
        ):
            color = TRACE if lead in self._main else FAINT
            draw_trace(axis, trace, self._start, color, sampling_rate=self._rate)
            axis.plot(
                self._start + np.array(_PULSE_SECONDS),
                level + self.pulse * np.array(_PULSE_HEIGHTS),
                color=color,
                linewidth=0.9,
            )
            label.set(
                color=_TEXT if lead in self._main else FAINT,
                fontweight="bold" if lead in self._main else "normal",
            )
        axis.set_xlim(self._start - _MARGIN, self._start + self._seconds)
        axis.set_ylim(self._low, self._high)
        draw_paper(axis, self._distance)
        axis.set_xlabel(f"seconds; {self.scale}", fontsize=9)
