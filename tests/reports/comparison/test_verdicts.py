import dataclasses

import pytest

from ecg_tf.evaluation.compared_run import Branch
from ecg_tf.evaluation.comparison import Comparison
from ecg_tf.evaluation.ensemble import ensemble
from ecg_tf.reports.comparison.verdicts import IMAGES_ADD, chosen_on, verdicts


@pytest.fixture
def answers(compared_run):
    """A function from runs (name, kind and skill) to verdicts."""
    return lambda *runs: verdicts(Comparison([compared_run(*run) for run in runs]))


def auroc(compared_run, *run):
    return compared_run(*run).evaluation.summary.loc["macro", "auroc"]


@pytest.fixture
def fusion(compared_run):
    """A function from a name, a skill and the names of branches to a fusion."""

    def make(name, skill, signal="gru", image="resnet", **changes):
        branches = (Branch("signal", signal), Branch("image", image))
        return dataclasses.replace(
            compared_run(name, "fusion", skill, **changes), branches=branches
        )

    return make


def answered(compared_run, *runs):
    """The verdicts on runs: each a `ComparedRun` or its arguments."""
    made = [run if dataclasses.is_dataclass(run) else compared_run(*run) for run in runs]
    return verdicts(Comparison(made))


def test_a_clear_win(compared_run, fusion):
    images, helps, best = answered(
        compared_run, ("gru", "signal", 0.5), ("resnet", "image", 1.2), fusion("late", 2.2)
    )
    assert (images.answer, images.challenger, images.champion) == ("yes", "resnet", "gru")
    assert images.sentence.startswith("Yes, images beat the signal. ")
    assert (helps.answer, helps.challenger, helps.champion) == ("yes", "late", "resnet")
    assert helps.sentence.startswith("Yes, the fusion is better than its branches. ")
    assert (best.answer, best.challenger, best.champion) == ("yes", "late", "resnet")
    assert best.sentence.startswith("Yes, the best fusion is better than the best single network. ")


def test_a_clear_loss(compared_run, fusion):
    images, helps, best = answered(
        compared_run, ("gru", "signal", 2), ("resnet", "image", 1), fusion("late", 0.5)
    )
    assert images.answer == "no"
    assert images.sentence.startswith("No, the signal beats images. ")
    assert images.difference["high"] < 0
    assert (helps.answer, helps.champion) == ("no", "gru")
    assert helps.sentence.startswith("No, the fusion is worse than its better branch. ")
    assert (best.answer, best.champion) == ("no", "gru")
    assert best.sentence.startswith("No, the best fusion is worse than the best single network. ")
    assert "harm" not in helps.sentence + best.sentence


def test_small_differences_are_undecided(compared_run, fusion):
    runs = ("gru", "signal", 1), ("resnet", "image", 1), fusion("late", 1)
    for verdict in answered(compared_run, *runs):
        assert verdict.answer == "undecided"
        assert verdict.sentence.startswith("Undecided: these records do not show whether ")
        assert verdict.difference["corrected_p"] >= 0.05


def test_fusion_can_help_and_be_worse_than_another_network(compared_run, fusion):
    """A stronger network that is not one of its branches changes the last answer only."""
    own = ("gru", "signal", 0.5), ("resnet", "image", 0.6), fusion("late", 1.2)
    _, helps, best = answered(compared_run, *own, ("resnet1d", "signal", 2.5))
    assert (helps.answer, helps.champion) == ("yes", "resnet")
    assert (best.answer, best.challenger, best.champion) == ("no", "late", "resnet1d")


def test_each_fusion_is_compared_with_its_own_branches(compared_run, fusion):
    _, late, early, best = answered(
        compared_run,
        ("gru", "signal", 0.5),
        ("resnet", "image", 0.6),
        ("resnet1d", "signal", 2.2),
        fusion("late", 1.2),
        fusion("early", 1.2, signal="resnet1d"),
    )
    assert (late.question, late.answer) == ("Does fusion help?", "yes")
    assert (late.challenger, late.champion) == ("late", "resnet")
    assert (early.question, early.answer) == ("Does fusion help?", "no")
    assert (early.challenger, early.champion) == ("early", "resnet1d")
    assert best.champion == "resnet1d"


def test_the_better_branch_is_chosen_on_dev(compared_run, fusion):
    """On the compared records, the other branch would be better."""
    _, helps, _ = answered(
        compared_run,
        compared_run("gru", "signal", 0.5, dev_auroc=0.9),
        compared_run("resnet", "image", 1, dev_auroc=0.8),
        fusion("late", 2, dev_auroc=0.9),
    )
    assert helps.champion == "gru"
    assert helps.sentence.endswith("The branch was chosen on dev.")


def test_a_branch_that_is_not_compared_is_named(compared_run):
    missing = Branch(
        "signal", missing="its signal branch runs/gru is not among those compared; add it"
    )
    late = dataclasses.replace(
        compared_run("late", "fusion", 2), branches=(missing, Branch("image", "resnet"))
    )
    _, helps, best = answered(compared_run, ("resnet", "image", 1), late)
    assert helps.answer == "unanswered"
    assert helps.champion is helps.difference is None
    assert helps.sentence == f"Not answered: late: {missing.missing}."
    assert (best.answer, best.champion) == ("yes", "resnet")


def test_every_comparison_of_the_answers_is_counted(compared_run, fusion):
    """Four runs are six pairs; Holm's correction of all six is computed by hand."""
    comparison = Comparison(
        [
            compared_run("gru", "signal", 1),
            compared_run("resnet", "image", 1.05),
            fusion("late", 1.1),
            fusion("early", 1.12),
        ]
    )
    table = comparison.differences
    own = table[(table["row"] == "macro") & (table["metric"] == "auroc")]
    rising = own.sort_values("p")
    corrected, largest = {}, 0
    for left, (_, pair) in zip(range(6, 0, -1), rising.iterrows(), strict=True):
        largest = min(max(largest, pair["p"] * left), 1)
        corrected[frozenset((pair["first"], pair["second"]))] = largest
    for verdict in verdicts(comparison):
        assert "corrected for 6 pairs" in verdict.sentence
        pair = frozenset((verdict.challenger, verdict.champion))
        assert verdict.difference["corrected_p"] == pytest.approx(corrected[pair])


@pytest.mark.parametrize(
    ("runs", "sentences"),
    [
        (
            [("gru", "signal", 1), ("bigru", "signal", 1)],
            ["no image run was compared.", "no fusion was compared."],
        ),
        (
            [("alexnet", "image", 1), ("late", "fusion", 1)],
            ["no signal run was compared.", "late: its branches are unknown.", None],
        ),
        (
            [("late", "fusion", 1), ("early", "fusion", 1)],
            [
                "no image run was",
                "late: its branches are unknown.",
                "early: its branches are unknown.",
                "no run without fusion was compared.",
            ],
        ),
    ],
)
def test_missing_kinds_of_runs_are_named(answers, runs, sentences):
    for verdict, sentence in zip(answers(*runs), sentences, strict=True):
        if sentence:
            assert verdict.answer == "unanswered"
            assert verdict.champion is verdict.difference is None
            assert f"Not answered: {sentence}" in verdict.sentence
        else:
            assert verdict.answer != "unanswered"


def test_the_best_of_each_kind_are_compared(answers):
    images, *_, best = answers(
        ("gru", "signal", 0.8),
        ("bigru", "signal", 1.2),
        ("resnet", "image", 1),
        ("alexnet", "image", 0.5),
        ("early", "fusion", 1.5),
        ("late", "fusion", 0.7),
    )
    assert (images.challenger, images.champion) == ("resnet", "bigru")
    assert (best.challenger, best.champion) == ("early", "bigru")


def test_the_sentence_has_the_numbers_and_is_one(compared_run, answers):
    image, signal = ("resnet", "image", 0.5), ("gru", "signal", 2)
    images, *_ = answers(image, signal, ("late", "fusion", 1))
    numbers = images.difference
    for text in (
        f"resnet ({auroc(compared_run, *image):.3f})",
        f"gru ({auroc(compared_run, *signal):.3f})",
        f"−{-numbers['difference']:.3f} [−{-numbers['low']:.3f}, −{-numbers['high']:.3f}]",
        f"p = {numbers['corrected_p']:.3f} (corrected for 3 pairs)",
    ):
        assert text in images.sentence
    assert images.sentence.count(". ") == 2
    assert images.sentence.endswith("The best runs were chosen on these same test records.")


@pytest.mark.parametrize(
    ("difference", "corrected_p", "answer"),
    [(0.1, 0.06, "undecided"), (0.1, 0.04, "yes"), (-0.1, 0.06, "undecided"), (-0.1, 0.04, "no")],
)
def test_the_corrected_p_decides(answers, monkeypatch, difference, corrected_p, answer):
    ends = {"low": difference - 0.05, "high": difference + 0.05}  # no 0 between them
    found = {"difference": difference, **ends, "p": 0.01, "corrected_p": corrected_p}
    monkeypatch.setattr(Comparison, "difference", lambda *_: found)
    images, _ = answers(("gru", "signal", 1), ("resnet", "image", 1))
    assert images.answer == answer


def test_best_runs_are_chosen_on_dev_if_dev_auroc_is_known(compared_run):
    runs = [
        compared_run("gru", "signal", 0.8, dev_auroc=0.9),
        compared_run("bigru", "signal", 1.2, dev_auroc=0.8),
        compared_run("resnet", "image", 1, dev_auroc=0.7),
    ]
    on_test = Comparison(runs)
    assert chosen_on(on_test) == "dev"
    images, _ = verdicts(on_test)
    assert images.champion == "gru"
    assert images.sentence.endswith("The best runs were chosen on dev.")
    # One that does not know: imported weights have no history.
    unknown = dataclasses.replace(runs[0], dev_auroc=None)
    same = Comparison([unknown, *runs[1:]])
    assert chosen_on(same) == "test"
    assert verdicts(same)[0].champion == "bigru"


def test_on_dev_best_runs_are_chosen_on_the_compared_records(compared_run, about):
    on_dev = {"about": about | {"partition": "dev"}}
    comparison = Comparison(
        [
            compared_run("gru", "signal", 0.8, dev_auroc=0.9, **on_dev),
            compared_run("bigru", "signal", 1.2, dev_auroc=0.8, **on_dev),
            compared_run("resnet", "image", 1, dev_auroc=0.7, **on_dev),
        ]
    )
    images, _ = verdicts(comparison)
    assert images.champion == "bigru"
    assert images.sentence.endswith("The best runs were chosen on these same dev records.")


def test_without_a_macro_auroc_nothing_is_answered(compared_run):
    labels = compared_run("a", "signal", 1).evaluation.labels.copy()
    labels[:] = 1
    comparison = Comparison(
        [
            compared_run("gru", "signal", 1, labels=labels),
            compared_run("x", "image", 1, labels=labels),
        ]
    )
    both = Comparison([*comparison.runs, ensemble("gru+x", comparison.runs)])
    for compared, questions in ((comparison, 2), (both, 3)):
        found = verdicts(compared)
        assert len(found) == questions
        for verdict in found:
            assert verdict.answer == "unanswered"
            assert "macro AUROC is undefined" in verdict.sentence


def test_images_are_compared_with_another_signal_network(compared_run, fusion):
    """For each fusion or ensemble with images: what a second network of the signal adds."""
    runs = [
        compared_run("gru", "signal", 1),
        compared_run("resnet1d", "signal", 1.1),
        compared_run("resnet", "image", 0.9),
        fusion("late", 3),
    ]
    ensembles = [ensemble(name, runs) for name in ("gru+resnet1d", "gru+resnet")]
    answers = [
        one for one in verdicts(Comparison([*runs, *ensembles])) if one.question == IMAGES_ADD
    ]
    assert [(one.challenger, one.champion) for one in answers] == [
        ("late", "gru+resnet1d"),
        ("gru+resnet", "gru+resnet1d"),
    ]
    assert answers[0].answer == "yes"
    assert answers[0].sentence.startswith("Yes, images add more than another signal network. ")
    assert "15 pairs" in answers[0].sentence
    assert "chosen" not in answers[0].sentence
    of_others = verdicts(Comparison([*runs, ensemble("resnet1d+resnet", runs), ensembles[0]]))
    assert [one.challenger for one in of_others if one.question == IMAGES_ADD] == [
        "late",
        "resnet1d+resnet",
    ]


def test_a_control_has_as_many_networks(compared_run, fusion):
    """With another number of networks, more than the images would differ."""
    runs = [
        compared_run("gru", "signal", 1),
        compared_run("resnet1d", "signal", 1.1),
        compared_run("bigru", "signal", 1.1),
        compared_run("resnet", "image", 0.9),
        fusion("late", 3, signal="lstm"),
    ]
    names = ("gru+resnet1d", "gru+resnet1d+resnet", "gru+late", "gru+bigru+resnet1d")
    answers = verdicts(Comparison([*runs, *(ensemble(name, runs) for name in names)]))
    assert [one.answer for one in answers if one.question == IMAGES_ADD] == ["unanswered"]


def test_images_cannot_be_judged_without_a_control(compared_run, fusion):
    runs = [
        compared_run("gru", "signal", 1),
        compared_run("resnet1d", "signal", 1.1),
        compared_run("resnet", "image", 0.9),
    ]
    assert IMAGES_ADD not in [one.question for one in verdicts(Comparison(runs))]
    for name in ("gru+resnet", "gru+resnet1d"):
        answer = verdicts(Comparison([*runs, ensemble(name, runs)]))[-1]
        assert (answer.question, answer.answer) == (IMAGES_ADD, "unanswered")


def test_an_ensemble_does_not_change_how_the_best_runs_are_chosen(compared_run):
    runs = [
        compared_run("gru", "signal", 0.8, dev_auroc=0.9),
        compared_run("bigru", "signal", 1.2, dev_auroc=0.8),
        compared_run("resnet", "image", 1, dev_auroc=0.7),
    ]
    comparison = Comparison([*runs, ensemble("gru+bigru", runs)])
    assert chosen_on(comparison) == "dev"
    assert verdicts(comparison)[0].champion == "gru"
