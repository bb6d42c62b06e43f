"""Folders of the challenge: classes, dropped records, and real records."""

import numpy as np
import pytest
import wfdb

from ecg_tf.data.challenge.rows import rows_of_challenge
from ecg_tf.data.prepare_challenge import prepare_challenge
from ecg_tf.data.summary import format_summary
from ecg_tf.errors import InputError, RecordError

DX = {
    "g1/A1": "733534002,426783006",  # CLBBB, scored as LBBB; sinus rhythm
    "g1/A2": "164889003",  # AF, of no superclass
    "g1/A3": "426783006",
    "g2/B1": "164873001,999999999",  # LVH, not scored; an unknown code
    "g2/B2": "164909002,164865005",  # LBBB, MI
    "g2/B3": "",
    **{f"g3/C{k}": "426783006" for k in range(6)},
}


@pytest.fixture
def folder(tmp_path):
    for name, codes in DX.items():
        path = tmp_path / "all" / f"{name}.hea"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"{path.stem} 1 500 5000", f"{path.stem}.mat 16 1000/mV 16 0 0 0 0 I"]
        path.write_text("\n".join([*lines, "# Age: NaN", "# Sex: Female", f"# Dx: {codes}"]))
    return tmp_path / "all"


def rows_of(folder, class_set, keep_unlabelled=False):
    rows = rows_of_challenge(
        *(folder,),
        class_set=class_set,
        keep_unlabelled=keep_unlabelled,
        folds={"train": [], "dev": [], "test": []},
        split="1,0,0",
        seed=42,
        data_set=None,
    )
    names = np.array(rows.class_names)
    return rows, {row.record: set(names[row.labels == 1]) for row in rows.rows}


def test_scored_classes(folder):
    rows, found = rows_of(folder, "scored")
    assert len(rows.class_names) == 26
    assert {name: found[name] for name in ("g1/A1", "g1/A2", "g2/B2", "g3/C0")} == {
        "g1/A1": {"LBBB", "NSR"},
        "g1/A2": {"AF"},
        "g2/B2": {"LBBB"},
        "g3/C0": {"NSR"},
    }
    assert set(DX) - set(found) == {"g2/B1", "g2/B3"}
    assert rows.counts["no_superclass"] == {"train": 2, "dev": 0, "test": 0}
    assert rows.data_set == "all"
    assert [row.ecg_id for row in rows.rows[:5]] == [1, 2, 3, 5, 7]
    assert {(np.isnan(row.age), row.sex) for row in rows.rows} == {(True, 1)}
    _, kept = rows_of(folder, "scored", keep_unlabelled=True)
    assert kept == {**found, "g2/B1": set(), "g2/B3": set()}


def test_superclasses(folder):
    """A record with a code of NORM alone has none of the four classes, and is kept."""
    rows, found = rows_of(folder, "superclasses")
    assert rows.class_names == ("MI", "STTC", "CD", "HYP")
    assert set(DX) - set(found) == {"g1/A2", "g2/B3"}
    assert [found[name] for name in ("g1/A1", "g1/A3", "g2/B1", "g2/B2")] == [
        {"CD"},
        set(),
        {"HYP"},
        {"MI", "CD"},
    ]


def test_folders_that_cannot_be_used_are_named(folder, tmp_path):
    with pytest.raises(InputError, match="nowhere: no such folder, expected a folder of the chal"):
        rows_of(tmp_path / "nowhere", "scored")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"empty: holds no headers \(.hea\), expected a folder"):
        rows_of(tmp_path / "empty", "scored")
    (folder / "g1/A1.hea").rename(tmp_path / "A1.hea")
    (folder / "g1/A1.hea").symlink_to(tmp_path / "A1.hea")
    with pytest.raises(InputError, match=rf"A1.hea: leads out of {folder}; expected a file in"):
        rows_of(folder, "scored")


def test_unreadable_headers_are_skipped_and_listed(tmp_path):
    wave = np.rint(1000 * np.sin(np.arange(1000) / 9))[:, None].astype(np.int16)
    how = {"fs": 100, "units": ["mV"], "sig_name": ["II"], "fmt": ["16"], "adc_gain": [1000.0]}
    for k, dx in enumerate(("426783006", "LBBB", "426783006", "164889003", "426783006")):
        comments = [f"Dx: {dx}"]
        wfdb.wrsamp(
            f"A{k}", d_signal=wave, write_dir=str(tmp_path), baseline=[0], comments=comments, **how
        )
    (tmp_path / "A4.hea").write_text("no header")
    how = {"split": "1,0,0", "leads": ["II"]}
    with pytest.raises(RecordError, match=r"A1.hea: Dx 'LBBB' in its header"):
        prepare_challenge(tmp_path, tmp_path / "data", **how)
    prepared = prepare_challenge(tmp_path, tmp_path / "data", on_bad_record="skip", **how)
    assert prepared.read("train", ["II"]).ecg_id.tolist() == [1, 3, 4]
    lines = format_summary(prepared).splitlines()
    assert lines[0] == "5 records, 0 in a fold not used"
    start = lines.index("bad: 2 records left out")
    assert lines[start + 1].startswith(f"  ecg_id 2: {tmp_path}/A1.hea: Dx 'LBBB' in its header")
    assert lines[start + 2].startswith(f"  ecg_id 5: {tmp_path}/A4.hea: ")
    for k in (0, 2, 3):
        (tmp_path / f"A{k}.hea").write_text("no header")
    with pytest.raises(InputError, match=r"none of its 5 records can be used; .*A0.hea: "):
        prepare_challenge(tmp_path, tmp_path / "other", on_bad_record="skip", **how)


def test_real_records_are_prepared(real_files, tmp_path):
    """25 records of three databases, five of them PTB-XL's ecg_id 6000 to 6004."""
    folder = real_files.parent / "cinc2021"
    prepared = prepare_challenge(
        folder, tmp_path / "data", class_set="superclasses", keep_unlabelled=True, split="0,0,1"
    )
    assert prepared.size("test") == 25
    assert prepared.class_names == ("MI", "STTC", "CD", "HYP")
    assert prepared.manifest["data_set"] == "cinc2021"
    assert "sampling rates of the files: 500 Hz (25 records)" in format_summary(prepared)
