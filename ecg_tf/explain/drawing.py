"""Figures of explanations: leads on ECG paper, coloured by their influence."""

import dataclasses

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure

from ecg_tf.explain.explanation import GRAD_CAM, INTEGRATED_GRADIENTS
from ecg_tf.plots.ecg_paper import draw_paper, draw_trace, lead_axes

_NOTE = (
    "This explains the network, not the patient: colours mark what influenced the prediction, "
    "whether it is right or wrong. It is not a clinical finding."
)
_LEFT = {"x": 0.01, "horizontalalignment": "left"}

# White for 0; the darkest colours are light enough to read a trace on them.
_SIGNED = LinearSegmentedColormap.from_list("signed", ["#5b8fd9", "#ffffff", "#e8743b"])
_POSITIVE = LinearSegmentedColormap.from_list("positive", ["#ffffff", "#f7c873", "#e8743b"])


@dataclasses.dataclass(frozen=True)
class ExplainedPrediction:
    """The prediction that is explained.

    Attributes:
        record: name of the record.
        simulated: whether the ECG is simulated.
        simulated_training: whether the network was trained on simulated ECGs.
        network: name of the network.
        class_name: name of the class.
        probability: predicted probability of the class.
        threshold: threshold of the class; it is predicted if probability ≥ threshold.
    """

    record: str
    simulated: bool
    simulated_training: bool
    network: str
    class_name: str
    probability: float
    threshold: float

    def title(self):
        """One line of text: record, class, decision, probability and threshold."""
        sign, decision = ("≥", "yes") if self.probability >= self.threshold else ("<", "no")
        return (
            f"{self.record}  ·  {self.class_name}: {decision}  "
            f"(probability {self.probability:.3f} {sign} threshold {self.threshold:.3f})"
        )

    def origin(self):
        """One line of text: the network, and whether data are simulated."""
        return (
            f"{self.network}"
            + (" trained on simulated ECGs" if self.simulated_training else "")
            + ("; the ECG is simulated" if self.simulated else "")
        )


def draw_explanation(prediction, ecg, leads, views):
    """Draw an explanation: for each view, the leads on ECG paper, coloured by their influence.

    Args:
        prediction: the `ExplainedPrediction`.
        ecg: (time, lead) millivolt, band-passed.
        leads: names of the leads.
        views: list of `ecg_tf.explain.explanation.View`.

    Returns:
        matplotlib.figure.Figure.
    """
    height = 1.15 * len(leads) + 1.2  # of a view, inches
    head = 0.95
    figure = Figure(figsize=(10.5, head + height * len(views)), dpi=100, layout="constrained")
    top, *parts = figure.subfigures(
        1 + len(views), 1, squeeze=False, height_ratios=[head] + [height] * len(views)
    )[:, 0]
    top.text(0.01, 0.8, prediction.title(), fontsize=14, fontweight="bold", va="center")
    top.text(0.01, 0.47, prediction.origin(), fontsize=10, va="center")
    top.text(0.01, 0.17, _NOTE, fontsize=10, va="center", style="italic")
    for part, view in zip(parts, views, strict=True):
        _draw_view(part, view, prediction.class_name, ecg, leads)
    return figure


def _draw_view(figure, view, class_name, ecg, leads):
    density, colours, norm, meaning = _STYLES[view.method](view, class_name)
    figure.suptitle(_headline(view, class_name, density, leads), fontsize=11, **_LEFT)
    axes = lead_axes(figure, leads)
    shown = np.broadcast_to(density, ecg.shape)
    for axis, trace, shade in zip(axes, ecg.T, shown.T, strict=True):
        draw_trace(axis, trace, sampling_rate=view.sampling_rate)
        extent = *axis.get_xlim(), *axis.get_ylim()
        axis.imshow(shade[None], cmap=colours, norm=norm, extent=extent, aspect="auto", zorder=0)
        draw_paper(axis)
    bar = figure.colorbar(ScalarMappable(norm, colours), ax=axes, fraction=0.025, pad=0.01)
    bar.set_label(meaning, fontsize=9)
    bar.ax.tick_params(labelsize=9)


def _signed(view, class_name):
    """Density (time, lead) of integrated gradients; colours, their norm and their label."""
    density = view.smooth() * view.sampling_rate
    most = np.abs(density).max() or 1.0
    return density, _SIGNED, Normalize(-most, most), f"logit of {class_name} per second"


def _positive(view, class_name):
    """The same for Grad-CAM, without a unit: what exceeds the median over time."""
    density = np.maximum(view.relevance - np.median(view.relevance), 0)
    density /= density.max() or 1.0
    meaning = f"evidence for {class_name} above its median, relative to its maximum"
    return density, _POSITIVE, Normalize(0, 1), meaning


_STYLES = {INTEGRATED_GRADIENTS: _signed, GRAD_CAM: _positive}


def _headline(view, class_name, density, leads):
    """The method of a view, and where its influence is strongest."""
    time, lead = np.unravel_index(np.abs(density).argmax(), density.shape)
    towards = "against" if density[time, lead] < 0 else "for"
    where = f"strongest evidence {towards} {class_name} at {time / view.sampling_rate:.1f} s"
    if not density.any():
        where = f"no evidence for {class_name}"
    if view.method == GRAD_CAM:
        return f"Images, {view.method}, all leads combined: {where}"
    return (
        f"Signal, {view.method}: {where} in {leads[lead]}; logit {view.relevance.sum():+.2f} in "
        "total, relative to a flat ECG"
    )
