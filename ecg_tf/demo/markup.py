"""The HTML of an answer: the decision in words, bars of probabilities, pictures, errors."""

import base64
from html import escape

from ecg_tf.data.labels import CLASSES, NORMAL
from ecg_tf.errors import RecordError
from ecg_tf.leads import LEADS
from ecg_tf.plots.png import png_bytes
from ecg_tf.reports.definitions import CLASS_DEFINITIONS
from ecg_tf.reports.markup import paragraph

_MOST_BARS = 12  # classes


def error_line(error):
    """An error as the command line prints it."""
    line = " ".join(f"error: {error}".splitlines())
    return f'<p class="ecg-error" role="alert">{escape(line)}</p>'


def verdict(prediction, network):
    """The decision in words, and a bar for each class with a mark at its threshold.

    Args:
        prediction: a `Prediction`.
        network: name of the network.
    """
    shown = prediction.shown(_MOST_BARS)
    left = len(prediction.class_names) - len(shown)
    about = f"{prediction.window.name} ({prediction.about}). Network: {network}, which takes "
    about += f"{'leads' if len(prediction.leads) > 1 else 'lead'} {', '.join(prediction.leads)}"
    about += " (dark in the ECG below)." if len(prediction.leads) < len(LEADS) else "."
    return "\n".join(
        [
            f"<h2>{escape(decision(prediction))}</h2>",
            paragraph(about, "ecg-quiet"),
            '<table class="ecg-classes"><thead><tr><th scope="col">Class</th>'
            '<th scope="col">Probability; mark: threshold</th><th scope="col">Predicted</th>'
            "</tr></thead>",
            f"<tbody>{''.join(_bar(prediction, k) for k in shown)}</tbody></table>",
            *([paragraph(f"{left} more classes are not shown.", "ecg-quiet")] if left else []),
        ]
    )


def decision(prediction):
    """The decision as a sentence without a full stop."""
    names, meanings = prediction.diagnoses.split(", "), _meanings(prediction)
    if names == [NORMAL] and meanings is CLASS_DEFINITIONS:
        return f"Predicted: none of the classes ({NORMAL})"
    named = [f"{meanings[name]} ({name})" if name in meanings else name for name in names]
    return f"Predicted: {', '.join(named)}"


def _meanings(prediction):
    """What the names of classes stand for: NORM is the rest only beside the study's four."""
    if set(prediction.class_names) - {NORMAL} == set(CLASSES):
        return CLASS_DEFINITIONS
    return CLASS_DEFINITIONS | {NORMAL: "normal ECG"}


def _bar(prediction, k):
    name, p = prediction.class_names[k], prediction.probabilities[k]
    threshold, found = prediction.thresholds[k], prediction.decisions[k]
    meaning, sign = _meanings(prediction).get(name, ""), "≥" if found else "<"
    return (
        f'<tr{" class=ecg-found" if found else ""}><th scope="row">{escape(name)}'
        f"<small>{escape(meaning)}</small></th>"
        f'<td><span class="ecg-track"><i style="width:{p:.1%}"></i>'
        f'<b style="left:{threshold:.1%}"></b></span>{p:.3f} {sign} {threshold:.3f}</td>'
        f"<td>{'yes' if found else 'no'}</td></tr>"
    )


def overview(outcomes):
    """A table with a row for each window of a longer record; empty for one window."""
    if len(outcomes) == 1:
        return ""
    names = next((one.class_names for one in outcomes if not isinstance(one, RecordError)), ())
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in ("Window", *names))
    rows = "".join(_window_row(k, one, len(names)) for k, one in enumerate(outcomes))
    return (
        f"<h3>{len(outcomes)} windows</h3>"
        f"{_scrolling('Probabilities of all windows')}"
        f'<table class="ecg-windows"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        "</div>"
    )


def window_label(number, outcome):
    """The number and time of a window, and its decision, as plain text."""
    if isinstance(outcome, RecordError):
        return f"{number + 1}: cannot be used"
    return f"{number + 1}: {_time(outcome)}, {outcome.diagnoses}"


def _window_row(number, outcome, classes):
    if isinstance(outcome, RecordError):
        return (
            f'<tr><th scope="row">{number + 1}</th><td colspan="{max(classes, 1)}">'
            f"{escape(str(outcome))}</td></tr>"
        )
    cells = "".join(
        f"<td>{f'<strong>{p:.3f}</strong>' if found else f'{p:.3f}'}</td>"
        for p, found in zip(outcome.probabilities, outcome.decisions, strict=True)
    )
    return f'<tr><th scope="row">{_time(outcome)}</th>{cells}</tr>'


def _time(prediction):
    start, seconds = prediction.start, prediction.window.seconds
    return f"{start:.6g}–{start + seconds:.6g} s"


def _scrolling(name):
    """The tag of a part that scrolls, also by keyboard."""
    return f'<div class="ecg-wide" tabindex="0" role="region" aria-label="{escape(name)}">'


def picture(figure, description):
    """A figure as an image in the page; on a narrow screen it scrolls to the side.

    Args:
        figure: a matplotlib figure.
        description: text alternative.
    """
    source = base64.b64encode(png_bytes(figure)).decode("ascii")
    return (
        f"{_scrolling(description)}"
        f'<img alt="{escape(description)}" src="data:image/png;base64,{source}"></div>'
    )
