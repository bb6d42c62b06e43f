"""Diagnoses, age and sex in headers of the challenge."""

import math

import pytest

from ecg_tf.data.challenge.headers import read_diagnoses
from ecg_tf.errors import RecordError


def header(folder, *comments):
    path = folder / "A0001.hea"
    path.write_text("\n".join(["A0001 1 500 5000", "A0001.mat 16 1000/mV 16 0 0 0 0 I", *comments]))
    return path


@pytest.mark.parametrize(
    "comments",
    [
        ("#Age: 74", "#Sex: Male", "#Dx: 426783006,59118001"),  # as in 2020
        ("# Age: 74", "# Sex: Male", "# Dx: 426783006,59118001", "# Rx: Unknown"),
        ("# Dx: 426783006, 59118001, 59118001", "# Sex: M", "# Age: 74.0"),
    ],
)
def test_comments_are_read_with_and_without_a_space(tmp_path, comments):
    found = read_diagnoses(header(tmp_path, *comments), "A0001")
    assert found.codes == ("426783006", "59118001")
    assert (found.age, found.sex) == (74, 0)


@pytest.mark.parametrize("unknown", ["NaN", "Unknown", ""])
def test_what_is_unknown_or_missing(tmp_path, unknown):
    comments = [f"# {key}: {unknown}" for key in ("Age", "Sex", "Dx")]
    for lines in comments, []:
        found = read_diagnoses(header(tmp_path, *lines), "A0001")
        assert found.codes == ()
        assert math.isnan(found.age)
        assert found.sex == -1


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("# Dx: LBBB", "A0001: Dx 'LBBB' in its header, expected SNOMED CT codes such as 4267"),
        ("# Dx: 426783006,,59118001", "expected SNOMED CT codes"),
        ("# Age: old", "A0001: Age 'old' in its header, expected 0 to 150"),
        ("# Age: -3", "Age '-3' in its header"),
        ("# Sex: both", "A0001: Sex 'both' in its header, expected Male or Female"),
    ],
)
def test_other_comments_are_refused_by_name(tmp_path, comment, message):
    with pytest.raises(RecordError, match=message):
        read_diagnoses(header(tmp_path, comment), "A0001")
