import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from ecg_tf.reports import class_grid

GRIDS = ("roc_grids", "precision_recall_grids", "calibration_grids", "threshold_grids")


@pytest.fixture
def panels(many_evaluation):
    """A function from the name of a function of `class_grid` to the axes of all its figures."""
    return lambda grids: [
        axes for _, figure in getattr(class_grid, grids)(many_evaluation) for axes in figure.axes
    ]


@pytest.mark.parametrize("grids", GRIDS)
def test_each_class_has_a_panel_that_is_empty_if_its_curve_is_undefined(
    grids, panels, many_evaluation
):
    panels = panels(grids)
    names = [axes.get_title().split("  ")[0] for axes in panels]
    assert names == list(many_evaluation.class_names)
    drawn = [len(axes.get_lines()) > 0 for axes in panels]
    expected = [True] * 69 + [grids == "calibration_grids"] * 2
    assert drawn == expected


def test_figures_hold_as_many_panels_as_fit_a_page(many_evaluation):
    found = [(classes, len(f.axes)) for classes, f in class_grid.roc_grids(many_evaluation)]
    assert found == [("C0 to C47", 48), ("C48 to C70", 23)]


def test_titles_state_the_number_of_the_class(panels, many_evaluation):
    aurocs = roc_auc_score(
        many_evaluation.labels[:, :69], many_evaluation.probabilities[:, :69], average=None
    )
    titles = [axes.get_title() for axes in panels("roc_grids")]
    assert titles[:69] == [f"C{k}  {value:.3f}" for k, value in enumerate(aurocs)]
    assert titles[69:] == ["C69  –", "C70  –"]


def test_operating_points_of_roc_panels_are_those_of_the_summary(panels, many_evaluation):
    for axes, name in zip(
        panels("roc_grids")[:69:17], ("C0", "C17", "C34", "C51", "C68"), strict=True
    ):
        row = many_evaluation.summary.loc[name]
        points = [line.get_xydata()[0] for line in axes.get_lines() if len(line.get_xdata()) == 1]
        np.testing.assert_allclose(points, [[1 - row["specificity"], row["sensitivity"]]])
