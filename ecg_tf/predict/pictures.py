"""Pictures of ECGs with their predictions."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

from matplotlib.figure import Figure

from ecg_tf.data.labels import NORMAL
from ecg_tf.places import check_folder, make_folder
from ecg_tf.plots.ecg_paper import FAINT
from ecg_tf.plots.ecg_sheet import ECGSheet
from ecg_tf.plots.png import write_png

_FOUND, _TEXT, _GREY = "#b3261e", "#1c2730", "#6b767f"
_WIDTH, _HEADER = 11.0, 1.9  # inches
_MOST_BARS = 6  # classes in the header
_NAME = 24  # characters of the name of a class
_LARGE, _LONGEST = 30, 130  # characters of the diagnoses in large print, and at most


class PredictionPictures:
    """A folder of pictures, one for each prediction, with the names of the records.

    Pictures of records in several folders keep their paths below the folder that these share:
    a/100 and b/100 become a/100.png and b/100.png. The name of each picture of a long record has
    the second at which it begins.

    Args:
        folder: the folder; it is made if it is missing.
        records: paths of all records that pictures will be drawn of.

    Raises:
        InputError: the folder cannot be made or written to.
    """

    def __init__(self, folder, records):
        self._folder = Path(folder)
        self._shared = os.path.commonpath([_absolute(record).parent for record in records])
        check_folder(make_folder(self._folder))

    def draw(self, prediction):
        """Write the picture of a `Prediction`, whole or not at all, and return its path."""
        name = _absolute(prediction.record).relative_to(self._shared)
        time = f"_{prediction.start}s" if prediction.window.of > 1 else ""
        out = self._folder / f"{name}{time}.png"
        make_folder(out.parent)
        write_png(_figure(prediction), out)
        return out


def _absolute(record):
    """The path of a record, without .. and links to folders."""
    return Path(os.path.realpath(Path(record).parent)) / Path(record).name


def sheet_figure(prediction):
    """Draw the ECG of a `Prediction` on paper; the leads that the network takes are dark.

    Returns:
        A matplotlib figure, and the `ECGSheet` in it.
    """
    sheet = _sheet(prediction)
    figure = Figure(figsize=(_WIDTH, _sheet_height(sheet)), dpi=100, layout="constrained")
    sheet.draw(figure.subplots())
    return figure, sheet


def _figure(prediction):
    sheet = _sheet(prediction)
    height = _sheet_height(sheet)
    figure = Figure(figsize=(_WIDTH, _HEADER + height), dpi=100, layout="constrained")
    top, bottom = figure.subfigures(2, height_ratios=(_HEADER, height))
    left, right = top.subfigures(1, 2, width_ratios=(1.5, 1))
    _write_header(left, prediction)
    _draw_probabilities(right.subplots(), prediction)
    sheet.draw(bottom.subplots())
    return figure


def _sheet(prediction):
    window = prediction.window
    return ECGSheet(window.ecg, prediction.leads, prediction.start, window.ecg_rate)


def _sheet_height(sheet):
    """Height of a sheet as wide as the picture, inches."""
    return (_WIDTH - 1) * sheet.height + 0.6


def _write_header(figure, prediction):
    color = _FOUND if _FOUND in _colors(prediction) else _TEXT
    diagnoses = textwrap.shorten(prediction.diagnoses, _LONGEST, placeholder=" …")
    diagnoses = textwrap.fill(diagnoses, _LONGEST if len(diagnoses) <= _LARGE else _LONGEST // 2)
    lines = (
        (0.80, Path(prediction.window.name).name, 13, _TEXT, "bold"),
        (0.50, diagnoses, 20 if len(diagnoses) <= _LARGE else 11, color, "bold"),
        (0.30, prediction.about, 9, _GREY, "normal"),
        (
            0.16,
            f"dark: the leads that the network takes ({', '.join(prediction.leads)})",
            9,
            _GREY,
            "normal",
        ),
        (0.02, "For research, not for diagnosis", 9, _GREY, "normal"),
    )
    for y, text, size, color, weight in lines:
        figure.text(0.02, y, text, fontsize=size, color=color, fontweight=weight)


def _colors(prediction):
    """The color of each class: red for a predicted class, dark for a predicted NORM."""
    decided = zip(prediction.class_names, prediction.decisions, strict=True)
    return [(_TEXT if name == NORMAL else _FOUND) if one else FAINT for name, one in decided]


def _draw_probabilities(axis, prediction):
    """A bar for each class, or for some of many, with a mark at its threshold."""
    shown, colors = prediction.shown(_MOST_BARS), _colors(prediction)
    for row, k in enumerate(shown):
        p, threshold = prediction.probabilities[k], prediction.thresholds[k]
        axis.barh(row, p, color=colors[k], height=0.6)
        axis.plot([threshold] * 2, [row - 0.42, row + 0.42], color=_TEXT, linewidth=1.6)
        axis.text(1.02, row, f"{p:.3f}", verticalalignment="center", fontsize=9, color=_TEXT)
    names = [textwrap.shorten(prediction.class_names[k], _NAME, placeholder=" …") for k in shown]
    axis.set_yticks(range(len(shown)), names)
    axis.invert_yaxis()
    axis.set_xlim(0, 1)
    axis.tick_params(length=0, labelsize=9)
    axis.spines[["top", "right", "left"]].set_visible(False)
    left = len(prediction.class_names) - len(shown)
    more = f"; {left} more classes" if left else ""
    axis.set_xlabel(f"probability; mark: threshold{more}", fontsize=9)
