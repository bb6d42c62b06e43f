"""Labels, patients and partitions of tables of records."""

import json
import logging

import numpy as np
import pandas as pd
import pytest

from ecg_tf.data.tables.rows import rows_of_table
from ecg_tf.errors import InputError

FOLDS = {"train": [*range(1, 9)], "dev": [9], "test": [10]}


def rows_of(folder, columns, **how):
    """Return the `Rows` of a table with these columns, and a record for each row."""
    frame = pd.DataFrame(columns)
    frame.insert(0, "record", [f"ecgs/{k}.csv" for k in range(len(frame))])
    frame.to_csv(folder / "table.csv", index=False)
    return rows_of_table(folder / "table.csv", folds=FOLDS, **how)


def refused(folder, columns, **how):
    with pytest.raises(InputError) as error:
        rows_of(folder, columns, **how)
    assert str(error.value).startswith(f"{folder}/table.csv")
    return str(error.value).removeprefix(f"{folder}/table.csv")


def labels_of(rows):
    return np.stack([row.labels for row in rows.rows]).tolist()


EIGHT = {"patient": [*"aabbccdd"], "partition": [*["train"] * 4, *["dev"] * 4]}


# Labels


def test_columns_of_0_and_1_are_classes(tmp_path):
    columns = {**EIGHT, "B": [0, 1] * 4, "A": ["1.0", "0.0"] * 4, "device": range(8)}
    rows = rows_of(tmp_path, columns)
    assert rows.class_names == ("B", "A")
    assert labels_of(rows) == [[0, 1], [1, 0]] * 4
    assert [json.loads(row.columns) for row in rows.rows] == [
        {"device": f"{k}", "patient": "aabbccdd"[k]} for k in range(8)
    ]


def test_classes_can_be_picked_and_ordered(tmp_path):
    columns = {**EIGHT, "A": [True, False] * 4, "B": [0, 1] * 4, "C": [1, 0] * 4}
    rows = rows_of(tmp_path, columns, classes=["C", "A"])
    assert (rows.class_names, labels_of(rows)) == (("C", "A"), [[1, 1], [0, 0]] * 4)
    assert json.loads(rows.rows[0].columns) == {"B": "0", "patient": "a"}


def test_names_of_classes_are_separated_by_semicolons(tmp_path):
    labels = {"labels": ["MI; AF", "NORM"] * 4}
    rows = rows_of(tmp_path, {**EIGHT, **labels})
    assert (rows.class_names, labels_of(rows)[:2]) == (("AF", "MI", "NORM"), [[1, 1, 0], [0, 0, 1]])
    rows = rows_of(tmp_path, {**EIGHT, **labels}, classes=["MI", "AF"])
    assert (rows.class_names, labels_of(rows)[:2]) == (("MI", "AF"), [[1, 1], [0, 0]])


@pytest.mark.parametrize(
    ("columns", "classes", "message"),
    [
        ({"A": [0, 1, ""] + [0] * 5}, None, ", row 3 (ecgs/2.csv): A is empty, expected 0 or 1"),
        ({"A": [0, 1, 2] + [0] * 5}, ["A"], ", row 3 (ecgs/2.csv): A is '2', expected 0 or 1"),
        ({"A": [0, 1] * 4}, ["AA"], ": no column 'AA'; did you mean A? found patient, partition"),
        ({"A": [0, 1] * 4}, ["A", "A"], ": class 'A' twice in -classes"),
        ({"macro": [0, 1] * 4}, None, ": class macro: reports have a row of this name; expected"),
        ({"A": [0, 1] * 4}, [], ": 0 classes, expected 1 to 1000"),
        ({"A": [7, 8] * 4}, None, ": neither a column labels nor a column of 0 and 1 for each"),
        ({"labels": ["A", ""] * 4}, None, ", row 2 (ecgs/1.csv): labels is empty, expected names"),
        ({"labels": ["A", "B;"] * 4}, None, ", row 2 (ecgs/1.csv): labels is 'B;', expected"),
        ({"labels": ["A", "B"] * 4}, ["C"], ": no record has the label 'C'; found A, B"),
        ({"labels": ["AF", "Af"] * 4}, None, ": labels 'AF' and 'Af', which differ in upper and"),
    ],
)
def test_labels_that_cannot_be_used_are_named(tmp_path, columns, classes, message):
    assert refused(tmp_path, {**EIGHT, **columns}, classes=classes).startswith(message)


@pytest.mark.parametrize("value", [0, 1])
def test_class_of_one_value_is_warned_of(tmp_path, caplog, value):
    with caplog.at_level(logging.WARNING):
        rows_of(tmp_path, {**EIGHT, "A": [0, 1] * 4, "B": [value] * 8})
    assert [record.getMessage() for record in caplog.records] == [
        f"{tmp_path}/table.csv: class B is {value} in each of the 8 rows: it cannot be learned, "
        "and its AUROC is not defined"
    ]


# Patients, ages and sexes


def test_fields_of_a_row_are_read(tmp_path):
    columns = {
        **{**EIGHT, "A": [0, 1] * 4},
        "age": ["70", "61.5", "", "nan", "300", "0", "5.0", "1"],
        "sex": ["male", "F", "", "unknown", "0", "1", "0.0", "Female"],
    }
    rows = rows_of(tmp_path, columns).rows
    np.testing.assert_array_equal(
        [row.age for row in rows], [70, 61.5, np.nan, np.nan, 300, 0, 5, 1]
    )
    assert [row.sex for row in rows] == [0, 1, -1, -1, 0, 1, 0, 1]
    assert [row.patient_id for row in rows] == [1, 1, 2, 2, 3, 3, 4, 4]
    assert [row.ecg_id for row in rows] == [*range(1, 9)]
    assert {row.fold for row in rows} == {0}


def test_numbers_of_patients_are_kept(tmp_path):
    columns = {**EIGHT, "patient": [7, 7, 5, 5, 9, 9, 8, 8], "A": [0, 1] * 4}
    assert [row.patient_id for row in rows_of(tmp_path, columns).rows] == columns["patient"]


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("age", "301", "age is '301', expected years from 0 to 300, or nothing"),
        ("age", "-1", "age is '-1', expected years"),
        ("age", "old", "age is 'old', expected years"),
        ("sex", "2", "sex is '2', expected 0 or male, 1 or female, or nothing"),
        ("simulated", "2", "simulated is '2', expected 0 or 1"),
        ("note", "x" * 12000, "12028 bytes in columns that are neither labels nor known"),
        ("patient", "", "patient is empty, expected a name or number"),
        ("partition", "val", "partition is 'val', expected train, dev, test"),
        ("partition", "", "partition is empty, expected train"),
    ],
)
def test_cell_that_cannot_be_used_is_named(tmp_path, column, value, message):
    columns = {**EIGHT, "A": [0, 1] * 4, "age": [50] * 8, "sex": [0] * 8}
    columns |= {"simulated": [1] * 8, "note": ["é"] * 8}
    columns[column] = [*columns[column][:2], value, *columns[column][3:]]
    assert refused(tmp_path, columns).startswith(f", row 3 (ecgs/2.csv): {message}")


# Partitions


def test_folds_are_partitions(tmp_path):
    folds = [1, 8, "9.0", 9, 10, 10, 3]
    rows = rows_of(tmp_path, {"A": [0, 1, 0, 1, 0, 1, 0], "fold": folds})
    assert [row.partition for row in rows.rows] == [
        *("train", "train", "dev", "dev", "test", "test", "train")
    ]
    assert rows.folds == FOLDS
    assert [row.fold for row in rows.rows] == [1, 8, 9, 9, 10, 10, 3]
    few = {"train": [1, 8], "dev": [9], "test": []}
    rows = rows_of_table(tmp_path / "table.csv", folds=few)
    assert (len(rows.rows), rows.counts["fold_not_used"], rows.counts["database"]) == (4, 3, 7)


@pytest.mark.parametrize(
    ("columns", "how", "message"),
    [
        ({"fold": [1] * 7 + [11]}, {}, ", row 8 (ecgs/7.csv): fold is '11', expected a fold from"),
        ({"fold": [1] * 7 + [9]}, {}, ": 1 patient in dev, expected at least 2, or none"),
        ({"fold": [1] * 8, "partition": ["dev"] * 8}, {}, ": columns fold and partition, expected"),
        ({"fold": [1] * 8}, {"split": "1,0,0"}, ": split '1,0,0', but its column fold states the"),
        (
            {"patient": [*"aabbccda"], "fold": [1, 2, 3, 4, 9, 9, 9, 9]},
            {},
            ", row 8 (ecgs/7.csv): patient 'a' is in dev, but row 1 of this patient is in train",
        ),
        (
            {"patient": [*"abcdeabc"]},
            {},
            ": 5 patients, expected at least 6 for a split, 2 in each",
        ),
    ],
)
def test_partitions_that_cannot_be_used_are_named(tmp_path, columns, how, message):
    assert refused(tmp_path, {"A": [0, 1] * 4, **columns}, **how).startswith(message)


@pytest.mark.parametrize("text", ["0.8,0.2", "0.8,0.1,0.2", "1,-0.5,0.5", "a,b,c", "80,10,10"])
def test_split_out_of_range_is_refused(tmp_path, text):
    with pytest.raises(InputError, match=f"split '{text}': expected the shares of train, dev and"):
        rows_of(tmp_path, {"A": [0, 1] * 4}, split=text)


def test_split_is_by_patient_stratified_and_seeded(tmp_path):
    rng = np.random.default_rng(0)
    patients = rng.integers(0, 600, 2000)  # of 1 to 10 records
    columns = {
        "patient": patients,
        "often": rng.random(2000) < 0.4,
        "seldom": np.isin(patients, rng.permutation(600)[:20]),  # 20 patients
    }
    columns = {name: values.astype(int) for name, values in columns.items()}
    rows = rows_of(tmp_path, columns)
    found = pd.DataFrame(
        {
            "patient": [row.patient_id for row in rows.rows],
            "partition": [row.partition for row in rows.rows],
            "often": columns["often"],
            "seldom": columns["seldom"],
        }
    )
    assert (found.groupby("patient")["partition"].nunique() == 1).all()
    share = found["partition"].value_counts(normalize=True)
    assert abs(share - pd.Series({"train": 0.8, "dev": 0.1, "test": 0.1})).max() < 0.01
    sums = found.groupby("partition")[["often", "seldom"]].sum() / found[["often", "seldom"]].sum()
    assert abs(sums.loc["train"] - 0.8).max() < 0.03
    assert abs(sums.loc[["dev", "test"]] - 0.1).max().max() < 0.05
    again = rows_of_table(tmp_path / "table.csv", folds=FOLDS)
    assert [row.partition for row in again.rows] == list(found["partition"])
    other = rows_of_table(tmp_path / "table.csv", folds=FOLDS, seed=1)
    assert [row.partition for row in other.rows] != list(found["partition"])


def test_partition_of_share_0_is_empty(tmp_path):
    rows = rows_of(tmp_path, {"A": [0, 1] * 10}, split="0,0,1")
    assert {row.partition for row in rows.rows} == {"test"}


def test_missing_column_of_patients_is_warned_of(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        rows = rows_of(tmp_path, {"A": [0, 1] * 10})
    assert len({row.patient_id for row in rows.rows}) == 20
    assert "no column patient: each record counts as a patient of its own" in caplog.text
