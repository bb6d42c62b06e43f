import matplotlib
import numpy as np
import pytest

from ecg_tf.evaluation.multilabel_confusion import multilabel_confusion
from ecg_tf.leads import LEADS
from ecg_tf.reports import figures
from ecg_tf.reports.class_curves import BINS
from ecg_tf.reports.figures import draw_traces
from ecg_tf.reports.style import MATPLOTLIB

FIGURES = ("draw_confusion", "draw_ranking", "draw_calibration", "draw_thresholds")


def lines(axes, label):
    return [line for line in axes.get_lines() if line.get_label().startswith(label)]


@pytest.mark.parametrize("draw", FIGURES)
def test_classes_with_one_kind_of_label_do_not_stop_a_figure(draw, bare_evaluation, tmp_path):
    getattr(figures, draw)(bare_evaluation).savefig(tmp_path / "figure.svg")


def test_confusion_picture_shows_the_counts(evaluation):
    (axes,) = figures.draw_confusion(evaluation).axes
    numbers = [int(text.get_text()) for text in axes.texts if text.get_text().isdecimal()]
    matrix = multilabel_confusion(evaluation.labels, evaluation.decisions)
    assert numbers == matrix.ravel().tolist()


def test_operating_points_lie_on_the_curves(norm_evaluation):
    for axes in figures.draw_ranking(norm_evaluation).axes:
        for name in norm_evaluation.class_names:
            (curve,) = lines(axes, f"{name}  ")
            points = [line for line in axes.get_lines() if len(line.get_xdata()) == 1]
            colour = curve.get_color()
            (point,) = [line.get_xydata()[0] for line in points if line.get_color() == colour]
            (x, y), nodes = point, curve.get_xydata()
            before, after = nodes[:-1], nodes[1:]
            low, high = np.minimum(before, after) - 1e-12, np.maximum(before, after) + 1e-12
            near = (low <= [x, y]).all(axis=1) & ([x, y] <= high).all(axis=1)
            assert near.any(), (name, axes.get_title())


def test_threshold_curves_agree_with_the_summary(evaluation):
    panels = figures.draw_thresholds(evaluation).axes
    for axes, name, threshold in zip(
        panels, evaluation.class_names, evaluation.thresholds, strict=True
    ):
        for label, metric in (
            ("sensitivity", "sensitivity"),
            ("specificity", "specificity"),
            ("G-mean", "g_mean"),
        ):
            (line,) = lines(axes, label)
            assert line.get_drawstyle() == "steps-pre"  # a value holds back to the point before
            over, values = line.get_data()
            assert (np.diff(over) >= 0).all()
            at = values[np.searchsorted(over, threshold)]
            assert at == pytest.approx(evaluation.summary.loc[name, metric])


def test_calibration_curve_is_over_bins_of_equal_size(evaluation):
    axes = figures.draw_calibration(evaluation).axes[0]
    curve = axes.get_lines()[1]
    bins = np.array_split(np.argsort(evaluation.probabilities[:, 0]), BINS)
    shares = [evaluation.labels[records, 0].mean() for records in bins]
    np.testing.assert_allclose(curve.get_ydata(), shares)


def test_traces_show_every_lead_in_millivolt_over_seconds(evaluation):
    axes = draw_traces(evaluation.ecg[0], evaluation.leads).axes
    assert [axis.get_ylabel() for axis in axes] == ["I", "II", "V2"]
    for k, axis in enumerate(axes):
        seconds, trace = axis.get_lines()[0].get_data()
        np.testing.assert_array_equal(trace, evaluation.ecg[0, :, k])
        assert seconds[-1] == pytest.approx(9.99)


@pytest.mark.parametrize("millivolt", [0.01, 1, 100])
@pytest.mark.parametrize("leads", [("II",), LEADS])
def test_texts_of_traces_are_inside_their_figure(leads, millivolt):
    ecg = millivolt * np.random.default_rng(0).normal(size=(1000, len(leads)))
    with matplotlib.rc_context(MATPLOTLIB):
        figure = draw_traces(ecg, leads)
        figure.canvas.draw()
        box = figure.get_tightbbox()  # of all that is drawn, inches
    assert box.xmin >= 0
    assert box.ymin >= 0
    assert (box.max <= figure.get_size_inches()).all()


def test_a_matrix_of_many_classes_has_all_names_and_no_numbers(many_evaluation):
    (axes,) = figures.draw_confusion(many_evaluation).axes
    names = [label.get_text() for label in axes.get_xticklabels()]
    assert names == [*many_evaluation.class_names, "N.A."]
    assert len(axes.texts) == 0
