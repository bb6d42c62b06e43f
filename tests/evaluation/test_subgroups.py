import numpy as np
from sklearn.metrics import roc_auc_score

from ecg_tf.evaluation.evaluation import Evaluation
from ecg_tf.evaluation.subgroups import subgroups


def evaluation(records):
    rng = np.random.default_rng(0)
    labels = rng.random((records, 2)) < 0.4
    return Evaluation(
        about={},
        class_names=("A", "B"),
        labels=labels,
        probabilities=np.clip(0.3 * labels + 0.7 * rng.random((records, 2)), 0, 1),
        thresholds=np.array([0.5, 0.5]),
        patient_ids=np.arange(records) // 2,
        draws=20,
    )


def test_ages_and_sexes_fall_into_their_groups():
    sex = [0, 1, 1, 0, 1, 0, -1]
    age = [0, 39.9, 40, 59, 60, 79, 80]
    groups = subgroups(evaluation(7), sex, age)
    counts = {
        kind: {name: len(part.labels) for name, part in parts.items()}
        for kind, parts in groups.items()
    }
    assert counts == {
        "sex": {"male": 3, "female": 3, "unknown": 1},
        "age": {"under 40": 2, "40-59": 2, "60-79": 2, "80 and over": 1},
    }
    over_89_and_unknown = subgroups(evaluation(2), [0, 1], [300, np.nan])["age"]
    assert {name: len(part.labels) for name, part in over_89_and_unknown.items()} == {
        "80 and over": 1,
        "unknown": 1,
    }


def test_the_figures_of_a_group_are_those_of_its_records():
    whole = evaluation(400)
    sex = np.arange(400) % 3 % 2
    women = subgroups(whole, sex, np.full(400, 50))["sex"]["female"]
    chosen = sex == 1
    expected = [
        roc_auc_score(whole.labels[chosen, k], whole.probabilities[chosen, k]) for k in range(2)
    ]
    np.testing.assert_allclose(women.summary["auroc"][["A", "B"]], expected)
    assert women.patients == len(np.unique(whole.patient_ids[chosen]))
    low, high = women.intervals
    assert low.loc["macro", "auroc"] < np.mean(expected) < high.loc["macro", "auroc"]
