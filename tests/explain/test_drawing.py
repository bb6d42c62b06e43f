import numpy as np
import pytest

from ecg_tf.explain.drawing import Answer, draw_explanation
from ecg_tf.explain.explanation import GRAD_CAM, INTEGRATED_GRADIENTS, View

ANSWER = Answer("00001_lr", True, False, "gru", "MI", 0.5, 0.5)


def headline(view):
    figure = draw_explanation(ANSWER, np.zeros((1000, 2)), ["I", "V2"], [view])
    return figure.subfigs[1].get_suptitle()


@pytest.mark.parametrize(("size", "towards"), [(0.5, "for"), (-0.5, "against")])
def test_headline_says_when_where_and_in_which_direction_most(size, towards):
    relevance = np.zeros((1000, 2))
    relevance[300, 1], relevance[700, 0] = size, 0.1
    assert headline(View(INTEGRATED_GRADIENTS, relevance)) == (
        f"Signal, integrated gradients: strongest {towards} MI at 3.0 s in V2; "
        f"together {0.1 + size:+.2f} on its logit, against a flat ECG"
    )


def test_headline_says_where_there_is_nothing():
    assert headline(View(GRAD_CAM, np.zeros((1000, 1)))).endswith("nothing speaks for MI")


def test_title_says_probability_threshold_and_decision():
    assert ANSWER.title().endswith("MI: yes  (probability 0.500 ≥ threshold 0.500)")
