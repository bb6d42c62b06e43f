import numpy as np
import pytest

from ecg_tf.explain.drawing import ExplainedPrediction, draw_explanation
from ecg_tf.explain.explanation import GRAD_CAM, INTEGRATED_GRADIENTS, View

PREDICTION = ExplainedPrediction("00001_lr", True, False, "gru", "MI", 0.5, 0.5)


def headline(view):
    figure = draw_explanation(PREDICTION, np.zeros((1000, 2)), ["I", "V2"], [view])
    return figure.subfigs[1].get_suptitle()


@pytest.mark.parametrize(("size", "towards"), [(0.5, "for"), (-0.5, "against")])
def test_headline_states_the_strongest_evidence(size, towards):
    relevance = np.zeros((1000, 2))
    relevance[300, 1], relevance[700, 0] = size, 0.1
    assert headline(View(INTEGRATED_GRADIENTS, relevance)) == (
        f"Signal, integrated gradients: strongest evidence {towards} MI at 3.0 s in V2; "
        f"logit {0.1 + size:+.2f} in total, relative to a flat ECG"
    )


def test_headline_states_that_there_is_no_evidence():
    assert headline(View(GRAD_CAM, np.zeros((1000, 1)))).endswith("no evidence for MI")


def test_title_states_probability_threshold_and_decision():
    assert PREDICTION.title().endswith("MI: yes  (probability 0.500 ≥ threshold 0.500)")
