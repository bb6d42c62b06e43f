import dataclasses
import re

import numpy as np
import pytest
from page_reader import Reader

from ecg_tf.evaluation.metrics import METRICS
from ecg_tf.evaluation.most_wrong import most_wrong
from ecg_tf.reports.definitions import METRIC_DEFINITIONS, class_definitions
from ecg_tf.reports.page import make_page
from ecg_tf.reports.text import format_evaluation


@pytest.fixture(scope="module", params=["page", "bare_page"])
def read(request):
    return Reader(request.getfixturevalue(request.param))


def test_page_is_self_contained(read):
    read.check_self_contained()


def test_every_picture_is_described(read):
    read.check_pictures_described()


def test_page_defines_every_metric(read):
    assert set(METRIC_DEFINITIONS) == set(METRICS)
    for name, definition, _ in METRIC_DEFINITIONS.values():
        assert name in read.text
        assert definition in read.text


def test_page_shows_all_numbers_of_the_summary(page, evaluation):
    text = Reader(page).text
    for metric in METRICS:
        for row, value in evaluation.summary[metric].dropna().items():
            assert f"{value:.3f}" in text, (metric, row)


def test_page_states_what_was_evaluated(page, evaluation):
    text = Reader(page).text
    assert f"60 from {evaluation.patients} patients" in text
    assert "HYP, hypertrophy" in text
    for fact in ("runs/alexnet", "46569476", "I, II, V2", "63bc89", "largest F1, on the dev"):
        assert fact in text
    assert "PTB-XL 1.0.3 (its database has 21799 rows); fold 10" in text
    assert "simulated" not in text
    assert ">None<" not in page


def test_page_shows_the_ten_records_with_the_largest_errors(page, evaluation):
    read = Reader(page)
    records, _ = most_wrong(evaluation.labels, evaluation.probabilities)
    for place, record in enumerate(records, start=1):
        assert f"{place}. ecg_id {evaluation.ecg_ids[record]}" in read.text
    assert len(read.pictures()) == 4 + 10


def test_page_states_that_ids_and_ecgs_are_missing(bare_page):
    read = Reader(bare_page)
    assert "patients unknown: each record is treated as a separate patient" in read.text
    assert "no ECGs can be drawn" in read.text
    assert "Data version" in read.text
    assert "unknown: images do not state which records they were made from" in read.text
    assert "1. record " in read.text
    assert len(read.pictures()) == 4


def test_page_warns_of_simulated_records_and_optimistic_thresholds(
    bare_evaluation, bare_page, page
):
    assert "these figures say nothing about patients" in bare_page
    assert "chosen on these same" not in page + bare_page
    about = bare_evaluation.about | {"partition": "dev", "database_rows": 600, "folds": [8, 9]}
    on_dev = make_page(dataclasses.replace(bare_evaluation, about=about))
    assert "The thresholds were chosen on these same dev records" in on_dev
    assert "simulated database with 600 rows; folds 8, 9" in on_dev
    on_dev = make_page(dataclasses.replace(bare_evaluation, about=about | {"simulated": False}))
    assert "600 rows (PTB-XL 1.0.1 has 21837, PTB-XL 1.0.3 has 21799); folds 8" in on_dev


def test_a_page_of_many_classes_has_a_row_for_each(many_evaluation):
    some = many_evaluation.restricted([f"C{k}" for k in range(60, 71)])
    page = make_page(some)
    read = Reader(page)
    read.check_self_contained()
    read.check_pictures_described()
    rows = {*some.class_names, "none", "pooled", "macro"}
    for section in page.split("<h2>")[3:4]:
        assert set(re.findall('<th scope="row">([^<]+)</th>', section)) == rows
    for metric in METRICS:
        for row, value in some.summary[metric].dropna().items():
            assert f"{value:.3f}" in read.text, (metric, row)
    assert "No positives, left out of macro: C69." in read.text
    assert "No negatives, left out of macro: C70." in read.text
    assert "Most frequent confusions" in read.text
    assert "Tables: the 8 classes that contribute most." in read.text


def test_norm_is_defined_as_the_labels_have_it(norm_evaluation):
    assert "NORM, none of the others" in class_definitions(norm_evaluation)
    labels = norm_evaluation.labels.copy()
    labels[np.argmax(labels[:, 4]), 0] = 1
    changed = dataclasses.replace(norm_evaluation, labels=labels)
    assert "NORM, normal ECG" in class_definitions(changed)
    assert "NORM: none of" in format_evaluation(norm_evaluation)
    assert "NORM: none of" not in format_evaluation(changed)


def test_names_are_escaped(bare_evaluation):
    about = {**bare_evaluation.about, "run": "<b>&", "data": "'\"><script>"}
    evaluation = dataclasses.replace(
        bare_evaluation, about=about, class_names=("<i>", "a&b", '"', "HYP")
    )
    read = Reader(make_page(evaluation))
    assert not {"b", "i", "script"} & set(read.tags)
    for name in ("<b>&", "'\"><script>", "<i>", "a&b"):
        assert name in read.text
