import dataclasses

import pytest
from page_reader import Reader

from ecg_tf.evaluation.metrics import METRICS
from ecg_tf.evaluation.most_wrong import most_wrong
from ecg_tf.reports.definitions import METRIC_WORDS
from ecg_tf.reports.page import make_page


@pytest.fixture(scope="module", params=["page", "bare_page"])
def read(request):
    return Reader(request.getfixturevalue(request.param))


def test_nothing_is_fetched_from_elsewhere_and_nothing_runs(read):
    read.check_self_contained()


def test_every_picture_says_what_it_shows(read):
    read.check_pictures_described()


def test_every_metric_stands_with_its_definition(read):
    assert set(METRIC_WORDS) == set(METRICS)
    for name, definition, _ in METRIC_WORDS.values():
        assert name in read.text
        assert definition in read.text


def test_all_numbers_of_the_summary_stand_there(page, evaluation):
    text = Reader(page).text
    for metric in METRICS:
        for row, value in evaluation.summary[metric].dropna().items():
            assert f"{value:.3f}" in text, (metric, row)


def test_what_was_evaluated_is_said(page, evaluation):
    text = Reader(page).text
    assert f"60, of {evaluation.patients} patients" in text
    assert "HYP, hypertrophy" in text
    for fact in ("runs/alexnet", "46569476", "I, II, V2", "63bc89", "largest F1, on the dev"):
        assert fact in text
    assert "PTB-XL 1.0.3, by the 21799 rows of its database; fold 10" in text
    assert "simulated" not in text
    assert ">None<" not in page


def test_the_ten_most_wrong_records_are_shown_with_their_traces(page, evaluation):
    read = Reader(page)
    records, _ = most_wrong(evaluation.labels, evaluation.probabilities)
    for place, record in enumerate(records, start=1):
        assert f"{place}. ecg_id {evaluation.ecg_ids[record]}" in read.text
    assert len(read.pictures()) == 4 + 10


def test_without_ids_and_ecgs_that_is_said(bare_page):
    read = Reader(bare_page)
    assert "whose they are is not known, so each is taken for a patient of its own" in read.text
    assert "there are no ECGs to draw" in read.text
    assert "Data version" in read.text
    assert "not known: images do not say which records they are of" in read.text
    assert "1. record " in read.text
    assert len(read.pictures()) == 4


def test_simulated_records_and_thresholds_of_the_records_reported_are_pointed_out(
    bare_evaluation, bare_page, page
):
    assert "no figure here says anything about patients" in bare_page
    assert "chosen on these same" not in page + bare_page
    about = bare_evaluation.about | {"partition": "dev", "database_rows": 600, "folds": [8, 9]}
    on_dev = make_page(dataclasses.replace(bare_evaluation, about=about))
    assert "The thresholds were chosen on these same dev records" in on_dev
    assert "simulated database of 600 rows; folds 8, 9" in on_dev
    on_dev = make_page(dataclasses.replace(bare_evaluation, about=about | {"simulated": False}))
    assert "database of 600 rows, where PTB-XL 1.0.1 has 21837, 1.0.3 has 21799; folds 8" in on_dev


def test_names_are_text_and_not_markup(bare_evaluation):
    about = {**bare_evaluation.about, "run": "<b>&", "data": "'\"><script>"}
    evaluation = dataclasses.replace(
        bare_evaluation, about=about, class_names=("<i>", "a&b", '"', "HYP")
    )
    read = Reader(make_page(evaluation))
    assert not {"b", "i", "script"} & set(read.tags)
    for name in ("<b>&", "'\"><script>", "<i>", "a&b"):
        assert name in read.text
