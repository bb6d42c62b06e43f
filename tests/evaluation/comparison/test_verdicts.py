import dataclasses

import pytest

from ecg_tf.evaluation.comparison.comparison import Comparison
from ecg_tf.evaluation.comparison.verdicts import chosen_on, verdicts


@pytest.fixture
def answers(compared_run):
    """A function from runs, each a name, a kind and a skill, to the verdicts."""
    return lambda *runs: verdicts(Comparison([compared_run(*run) for run in runs]))


def auroc(compared_run, *run):
    return compared_run(*run).evaluation.summary.loc["macro", "auroc"]


def test_a_clear_win(answers):
    images, fusion = answers(
        ("gru", "signal", 0.5), ("resnet", "image", 1.2), ("late", "fusion", 2.2)
    )
    assert (images.answer, images.challenger, images.champion) == ("yes", "resnet", "gru")
    assert images.sentence.startswith("Yes, images beat the signal: ")
    assert (fusion.answer, fusion.challenger, fusion.champion) == ("yes", "late", "resnet")
    assert fusion.sentence.startswith("Yes, fusion helps: ")


def test_a_clear_loss(answers):
    images, fusion = answers(("gru", "signal", 2), ("resnet", "image", 1), ("late", "fusion", 0.5))
    assert images.answer == "no"
    assert images.sentence.startswith("No, the signal beats images: ")
    assert images.difference["high"] < 0
    assert (fusion.answer, fusion.champion) == ("no", "gru")
    assert fusion.sentence.startswith("No, fusion does harm: ")


def test_what_cannot_be_told(answers):
    for verdict in answers(("gru", "signal", 1), ("resnet", "image", 1), ("late", "fusion", 1)):
        assert verdict.answer == "undecided"
        assert "cannot be told from these records: " in verdict.sentence
        assert verdict.difference["corrected_p"] >= 0.05


@pytest.mark.parametrize(
    ("runs", "sentences"),
    [
        (
            [("gru", "signal", 1), ("bigru", "signal", 1)],
            ["no image run is among those compared.", "no fusion is among those compared."],
        ),
        (
            [("alexnet", "image", 1), ("late", "fusion", 1)],
            ["no signal run is among those compared.", None],
        ),
        (
            [("late", "fusion", 1), ("early", "fusion", 1)],
            ["no image run is", "no run without fusion is among those compared."],
        ),
    ],
)
def test_what_is_missing_is_said(answers, runs, sentences):
    for verdict, sentence in zip(answers(*runs), sentences, strict=True):
        if sentence:
            assert verdict.answer == "unanswered"
            assert verdict.challenger is verdict.champion is verdict.difference is None
            assert f"Not answered: {sentence}" in verdict.sentence
        else:
            assert verdict.answer != "unanswered"


def test_the_best_of_each_kind_are_compared(answers):
    images, fusion = answers(
        ("gru", "signal", 0.8),
        ("bigru", "signal", 1.2),
        ("resnet", "image", 1),
        ("alexnet", "image", 0.5),
        ("early", "fusion", 1.5),
        ("late", "fusion", 0.7),
    )
    assert (images.challenger, images.champion) == ("resnet", "bigru")
    assert (fusion.challenger, fusion.champion) == ("early", "bigru")


def test_the_sentence_has_the_numbers_and_is_one(compared_run, answers):
    image, signal = ("resnet", "image", 0.5), ("gru", "signal", 2)
    images, _ = answers(image, signal, ("late", "fusion", 1))
    numbers = images.difference
    for text in (
        f"resnet ({auroc(compared_run, *image):.3f})",
        f"gru ({auroc(compared_run, *signal):.3f})",
        f"−{-numbers['difference']:.3f} [−{-numbers['low']:.3f}, −{-numbers['high']:.3f}]",
        f"p = {numbers['corrected_p']:.3f}, corrected for 3 pairs",
    ):
        assert text in images.sentence
    assert images.sentence.count(". ") == 0
    assert images.sentence.endswith("the best were chosen on these same test records.")


@pytest.mark.parametrize(
    ("difference", "corrected_p", "answer"),
    [(0.1, 0.06, "undecided"), (0.1, 0.04, "yes"), (-0.1, 0.06, "undecided"), (-0.1, 0.04, "no")],
)
def test_the_corrected_p_decides_and_not_the_pairs_own(
    answers, monkeypatch, difference, corrected_p, answer
):
    ends = {"low": difference - 0.05, "high": difference + 0.05}  # no 0 between them
    found = {"difference": difference, **ends, "p": 0.01, "corrected_p": corrected_p}
    monkeypatch.setattr(Comparison, "difference", lambda *_: found)
    images, _ = answers(("gru", "signal", 1), ("resnet", "image", 1))
    assert images.answer == answer


def test_the_best_are_chosen_on_dev_where_every_run_knows_its_own(compared_run):
    runs = [
        compared_run("gru", "signal", 0.8, dev_auroc=0.9),
        compared_run("bigru", "signal", 1.2, dev_auroc=0.8),
        compared_run("resnet", "image", 1, dev_auroc=0.7),
    ]
    on_test = Comparison(runs)
    assert chosen_on(on_test) == "dev"
    images, _ = verdicts(on_test)
    assert images.champion == "gru"
    assert images.sentence.endswith("the best were chosen on dev.")
    # One that does not know: imported weights have no history.
    unknown = dataclasses.replace(runs[0], dev_auroc=None)
    same = Comparison([unknown, *runs[1:]])
    assert chosen_on(same) == "test"
    assert verdicts(same)[0].champion == "bigru"


def test_on_dev_the_best_are_chosen_by_the_numbers_compared(compared_run, about):
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
    assert images.sentence.endswith("the best were chosen on these same dev records.")


def test_without_a_macro_auroc_nothing_is_answered(compared_run):
    labels = compared_run("a", "signal", 1).evaluation.labels.copy()
    labels[:, 0] = 1
    comparison = Comparison(
        [
            compared_run("gru", "signal", 1, labels=labels),
            compared_run("x", "image", 1, labels=labels),
        ]
    )
    for verdict in verdicts(comparison):
        assert verdict.answer == "unanswered"
        assert "macro AUROC is not defined on these records" in verdict.sentence
