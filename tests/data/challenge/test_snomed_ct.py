"""The table of SNOMED CT codes, beside the challenge's own tables."""

import csv

from ecg_tf.data.challenge.snomed_ct import codes, scored_names
from ecg_tf.data.labels import CLASSES, NORMAL


def test_superclasses_are_those_of_ptb_xl():
    found = {code.superclass for code in codes().values()}
    assert found == {*CLASSES, NORMAL, None}
    assert all(code.superclass for code in codes().values() if code.doubtful)


def test_equivalent_codes_are_scored_as_one():
    assert len(scored_names()) == 26
    assert codes()["733534002"].scored_as == "164909002"
    assert codes()["164909002"].scored_as == "164909002"
    assert codes()["57054005"].scored_as is None


def test_codes_are_those_of_the_challenge(real_files):
    folder = real_files.parent / "cinc2021"
    scored, unscored = (
        list(csv.DictReader((folder / f"dx_mapping_{kind}.csv").open()))
        for kind in ("scored", "unscored")
    )
    expected = {row["SNOMEDCTCode"]: row["Abbreviation"].strip() for row in scored + unscored}
    assert {code.code: code.abbreviation for code in codes().values()} == expected
    assert [code for code in codes() if codes()[code].scored] == [r["SNOMEDCTCode"] for r in scored]
    for row in scored:  # "We score 733534002 and 164909002 as the same diagnosis"
        words = row["Notes"].rstrip(".").split()
        same = [word for word in words if word.isdecimal()] or [row["SNOMEDCTCode"]]
        assert len({codes()[code].scored_as for code in same}) == 1
