"""Labels by the rule of Wagner et al. 2020, for rows written by hand and for PTB-XL's tables."""

import numpy as np
import pandas as pd
import pytest

from ecg_tf.data.labels import (
    CLASSES,
    diagnostic_superclasses,
    label_vector,
    read_codes,
    record_superclasses,
    with_norm,
)
from ecg_tf.errors import InputError

STATEMENTS = pd.DataFrame(
    [
        ("NORM", 1.0, "NORM"),
        ("IMI", 1.0, "MI"),
        ("AMI", 1.0, "MI"),
        ("NDT", 1.0, "STTC"),
        ("LAFB", 1.0, "CD"),
        ("LVH", 1.0, "HYP"),
        ("SR", None, None),
        ("ABQRS", None, None),
    ],
    columns=["code", "diagnostic", "diagnostic_class"],
).set_index("code")
SUPERCLASS_OF = {
    "NORM": "NORM",
    "IMI": "MI",
    "AMI": "MI",
    "NDT": "STTC",
    "LAFB": "CD",
    "LVH": "HYP",
}


def labels(scp_codes):
    return label_vector(record_superclasses(read_codes(scp_codes), SUPERCLASS_OF)).tolist()


def test_classes_are_in_the_order_of_the_reports():
    assert CLASSES == ("MI", "STTC", "CD", "HYP")


def test_only_diagnostic_codes_have_a_superclass():
    assert diagnostic_superclasses(STATEMENTS) == SUPERCLASS_OF


@pytest.mark.parametrize("superclass", ["XYZ", None])
def test_diagnostic_code_of_another_superclass_is_named(superclass):
    statements = STATEMENTS.copy()
    statements.loc["LAFB", "diagnostic_class"] = superclass
    with pytest.raises(InputError, match=r"LAFB.*expected MI, STTC, CD, HYP or NORM"):
        diagnostic_superclasses(statements)


@pytest.mark.parametrize(
    ("scp_codes", "expected"),
    [
        ("{'IMI': 100.0, 'SR': 0.0}", [1, 0, 0, 0]),
        ("{'NDT': 50.0}", [0, 1, 0, 0]),
        ("{'LAFB': 100.0}", [0, 0, 1, 0]),
        ("{'LVH': 100.0}", [0, 0, 0, 1]),
        ("{'NORM': 100.0, 'SR': 0.0}", [0, 0, 0, 0]),
    ],
)
def test_each_class_has_its_place(scp_codes, expected):
    assert labels(scp_codes) == expected


def test_likelihood_is_ignored():
    assert labels("{'IMI': 0.0, 'LVH': 15.0}") == [1, 0, 0, 1]


def test_record_may_have_several_classes():
    assert labels("{'IMI': 100.0, 'NDT': 100.0, 'LAFB': 100.0, 'LVH': 100.0}") == [1, 1, 1, 1]


def test_two_codes_of_one_class_count_once():
    assert labels("{'IMI': 100.0, 'AMI': 100.0}") == [1, 0, 0, 0]


def test_norm_with_a_disease_is_the_disease():
    assert labels("{'NORM': 80.0, 'LAFB': 100.0}") == [0, 0, 1, 0]


@pytest.mark.parametrize("scp_codes", ["{}", "{'SR': 0.0}", "{'SR': 0.0, 'ABQRS': 0.0}"])
def test_record_without_diagnostic_codes_has_no_superclass(scp_codes):
    assert record_superclasses(read_codes(scp_codes), SUPERCLASS_OF) == set()


def test_record_with_norm_only_is_kept():
    assert record_superclasses({"NORM"}, SUPERCLASS_OF) == {"NORM"}


@pytest.mark.parametrize(
    "scp_codes",
    ["IMI", "['IMI']", "{'IMI': 100.0", "", float("nan"), "{'IMI'}", "__import__('os')", "(" * 999],
)
def test_codes_that_are_not_a_dict_are_refused(scp_codes):
    with pytest.raises(InputError, match=r"scp_codes is .*expected a dict"):
        read_codes(scp_codes)


@pytest.mark.ptbxl
def test_counts_of_ptb_xl_1_0_3_are_the_published_ones(ptbxl_tables):
    database, statements = ptbxl_tables
    superclass_of = diagnostic_superclasses(statements)
    superclasses = database["scp_codes"].map(
        lambda codes: record_superclasses(read_codes(codes), superclass_of)
    )
    train, dev = database["strat_fold"] <= 8, database["strat_fold"] == 9
    kept = superclasses.map(len) > 0
    assert (train.sum(), dev.sum()) == (17418, 2183)
    assert ((train & kept).sum(), (dev & kept).sum()) == (17084, 2146)


def test_norm_means_none_of_the_four_classes():
    labels = np.array([[0, 0, 0, 0], [0, 0, 1, 0], [1, 1, 1, 1]], np.uint8)
    expected = [[0, 0, 0, 0, 1], [0, 0, 1, 0, 0], [1, 1, 1, 1, 0]]
    found = with_norm(labels)
    assert found.dtype == np.uint8
    assert found.tolist() == expected


def test_norm_differs_from_that_of_ptb_xl_as_documented(ptbxl_tables):
    """The numbers for fold 9 in the documentation."""
    database, statements = ptbxl_tables
    superclass_of = diagnostic_superclasses(statements)
    codes = database.loc[database["strat_fold"] == 9, "scp_codes"]
    superclasses = [record_superclasses(read_codes(text), superclass_of) for text in codes]
    superclasses = [found for found in superclasses if found]
    norm = with_norm(np.stack([label_vector(found) for found in superclasses]))[:, 4]
    own = np.array(["NORM" in found for found in superclasses])
    assert (len(norm), norm.sum(), (norm != own).sum()) == (2146, 914, 41)
    assert own[norm == 1].all()
