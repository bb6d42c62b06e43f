"""The leads of one ECG as a picture, on ECG paper."""

from matplotlib.figure import Figure

from ecg_tf.paper import draw_paper, draw_trace, lead_axes

_WIDTH, _LEAD = 7.4, 0.85  # inches: the whole picture, and the height of a lead


def draw_traces(ecg, leads):
    """An ECG, a row for each lead, all on one scale.

    Args:
        ecg: (time, lead) millivolt, at 100 Hz.
        leads: names of the leads.

    Returns:
        matplotlib.figure.Figure.
    """
    figure = Figure(figsize=(_WIDTH, _LEAD * len(leads) + 0.35), layout="constrained")
    axes = lead_axes(figure, leads, same_scale=True)
    for axis, trace in zip(axes, ecg.T, strict=True):
        draw_trace(axis, trace)
    for axis in axes:
        draw_paper(axis)
    return figure
