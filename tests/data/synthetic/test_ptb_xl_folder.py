"""The simulated PTB-XL folder: its form, the physics of its leads, the signs of its classes."""

import ast
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import wfdb

from ecg_tf.data.synthetic import ptb_xl_folder
from ecg_tf.errors import InputError

RECORDS = 600
LEADS = ["I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6"]
CLASS_OF = {  # from PTB-XL's own scp_statements.csv
    "NORM": "NORM",
    **dict.fromkeys(("AMI", "ASMI", "IMI"), "MI"),
    **dict.fromkeys(("NDT", "NST_", "ISC_"), "STTC"),
    **dict.fromkeys(("CLBBB", "CRBBB"), "CD"),
    "LVH": "HYP",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("simulated") / "ptbxl"
    ptb_xl_folder.write_folder(path, records=RECORDS, seed=42)
    return path


@pytest.fixture(scope="module")
def database(folder):
    database = pd.read_csv(folder / "ptbxl_database.csv")
    database["scp_codes"] = database["scp_codes"].map(ast.literal_eval)
    database["classes"] = database["scp_codes"].map(lambda codes: {CLASS_OF.get(c) for c in codes})
    return database


def read(folder, name):
    return wfdb.rdrecord(str(folder / name), physical=False)


def mean_beat(ecg):
    """Return (100, 12) mV around the steepest 20 ms of a beat (row 40), zero before the QRS."""
    steep = np.abs(ecg[2:] - ecg[:-2]).sum(axis=1)
    peaks = [t for t in range(40, 938) if steep[t] == steep[t - 25 : t + 26].max() > 2.5]
    beat = np.median([ecg[t + 1 - 40 : t + 1 + 60] for t in peaks], axis=0)
    return beat - np.median(beat[30:33], axis=0)


def mean_beats(database, folder, code):
    """Return mean beats (record, 100, 12) of the first records with `code` as only diagnosis."""
    only = database["scp_codes"].map(lambda codes: set(codes) & set(CLASS_OF) == {code})
    names = database.loc[only, "filename_lr"][:40]
    return np.array([mean_beat(read(folder, name).d_signal / 1000) for name in names])


def qrs_ms(beat):
    """Return the time in ms in which all leads together exceed 15 % of their largest slope."""
    speed = np.abs(np.diff(beat, axis=1)).sum(axis=2)
    return 10 * (speed > 0.15 * speed.max(axis=1, keepdims=True))[:, 25:60].sum(axis=1)


def lead(beats, name, start, stop):
    """Return one lead of mean beats from `start` to `stop` ms after the steepest point."""
    return beats[:, 40 + start // 10 : 40 + stop // 10, LEADS.index(name)]


def test_einthoven_and_goldberger_hold(folder, database):
    for name in database["filename_lr"][:50]:
        i, ii, iii, avr, avl, avf = read(folder, name).d_signal[:, :6].T.astype(int)
        # Each lead is rounded to 1 µV separately: an error of 0.5 µV each.
        assert np.abs(ii - i - iii).max() <= 1
        assert np.abs(i + ii + 2 * avr).max() <= 2
        assert np.abs(i - iii - 2 * avl).max() <= 2
        assert np.abs(ii + iii - 2 * avf).max() <= 2


def test_header_has_the_form_of_ptb_xl(folder):
    lines = (folder / "records100/00000/00001_lr.hea").read_text("ascii").splitlines()
    assert lines[0] == "00001_lr 12 100 1000"
    for line, name in zip(lines[1:13], LEADS, strict=True):
        assert re.fullmatch(rf"00001_lr\.dat 16 1000\.0\(0\)/mV 16 0 -?\d+ \d+ 0 {name}", line)
    assert lines[13:] == ["# simulated ECG (ecg_tf)"]


def test_files_are_those_that_wfdb_would_write(folder, tmp_path):
    written = folder / "records100/00000/00007_lr"
    record = read(written.parent, written.name)
    wfdb.wrsamp(
        written.name,
        fs=100,
        units=["mV"] * 12,
        sig_name=LEADS,
        d_signal=record.d_signal,
        fmt=["16"] * 12,
        adc_gain=[1000.0] * 12,
        baseline=[0] * 12,
        comments=record.comments,
        write_dir=str(tmp_path),
    )
    for ending in (".hea", ".dat"):
        expected = (tmp_path / written.name).with_suffix(ending).read_bytes()
        assert written.with_suffix(ending).read_bytes() == expected


def test_comment_marks_a_simulated_record(folder):
    header = wfdb.rdheader(str(folder / "records100/00000/00600_lr"))
    assert header.comments == [ptb_xl_folder.SIMULATED_COMMENT] == ["simulated ECG (ecg_tf)"]


def test_record_depends_on_seed_and_number_but_not_on_count(folder, tmp_path):
    ptb_xl_folder.write_folder(tmp_path / "same", records=25, seed=42)
    ptb_xl_folder.write_folder(tmp_path / "other", records=25, seed=43)
    for k in range(1, 26):
        name = f"records100/00000/{k:05d}_lr.dat"
        expected = (folder / name).read_bytes()
        assert (tmp_path / "same" / name).read_bytes() == expected
        assert (tmp_path / "other" / name).read_bytes() != expected
    few = (tmp_path / "same/ptbxl_database.csv").read_text().splitlines()
    assert few == (folder / "ptbxl_database.csv").read_text().splitlines()[:26]


def test_every_class_is_in_every_fold(database):
    for name in ("NORM", "MI", "STTC", "CD", "HYP"):
        folds = database.loc[
            database["classes"].map(lambda found, n=name: n in found), "strat_fold"
        ]
        assert folds.value_counts().reindex(range(1, 11), fill_value=0).min() >= 4


def test_folds_have_similar_sizes(database):
    assert database["strat_fold"].value_counts().between(57, 63).all()


def test_patients_do_not_cross_folds(database):
    assert (database.groupby("patient_id")["strat_fold"].nunique() == 1).all()
    assert (database.groupby("patient_id").size() > 1).any()


def test_a_few_records_have_no_class_and_some_have_several(database):
    counts = database["classes"].map(lambda found: len(found - {None}))
    assert 0 < (counts == 0).mean() < 0.05
    assert (counts > 1).mean() > 0.1
    assert 0.33 < database["classes"].map(lambda found: "NORM" in found).mean() < 0.47


def test_codes_have_their_classes_in_scp_statements(folder, database):
    statements = pd.read_csv(folder / "scp_statements.csv", index_col=0)
    used = set().union(*database["scp_codes"])
    assert used == set(statements.index)
    diagnostic = statements[statements["diagnostic"] == 1]["diagnostic_class"].to_dict()
    assert diagnostic == CLASS_OF
    assert used - set(diagnostic)  # rhythm and form codes


def test_rows_name_the_records(folder, database):
    assert list(database["ecg_id"]) == list(range(1, RECORDS + 1))
    row = database.iloc[122]
    assert row["filename_lr"] == "records100/00000/00123_lr"
    assert row["filename_hr"] == "records500/00000/00123_hr"
    assert row["device"] == "ecg_tf simulator"
    assert row["report"].startswith("simulated ECG: ")
    assert len(list(folder.glob("records100/*/*.dat"))) == RECORDS
    assert len(database.columns) == 28 + 1  # and `classes`, added above


def test_normal_beat_is_normal(database, folder):
    beats = mean_beats(database, folder, "NORM")
    assert 70 <= np.median(qrs_ms(beats)) <= 110
    assert 0.5 < np.median(lead(beats, "II", -50, 50).max(axis=1)) < 2  # R
    assert -2 < np.median(lead(beats, "V2", -50, 100).min(axis=1)) < -0.5  # deep S
    for name in ("I", "II", "V2"):
        assert np.median(lead(beats, name, 200, 300).max(axis=1)) > 0.1  # upright T


def test_conduction_disturbance_widens_the_qrs(database, folder):
    normal = np.median(qrs_ms(mean_beats(database, folder, "NORM")))
    for code in ("CLBBB", "CRBBB"):
        width = np.median(qrs_ms(mean_beats(database, folder, code)))
        assert width >= max(120, normal + 20)  # 120 ms: the criterion of a complete block


def test_hypertrophy_raises_the_voltage(database, folder):
    def sokolow_lyon(code):  # S in V1 + R in V5, mV
        beats = mean_beats(database, folder, code)
        s = -lead(beats, "V1", -50, 100).min(axis=1)
        return np.median(s + lead(beats, "V5", -50, 100).max(axis=1))

    assert sokolow_lyon("LVH") > 3 > sokolow_lyon("NORM") + 0.5


def test_infarction_changes_q_r_and_st_of_its_leads(database, folder):
    normal, anterior, inferior = (mean_beats(database, folder, c) for c in ("NORM", "AMI", "IMI"))

    def st(beats, name):
        return np.median(lead(beats, name, 100, 140))

    assert st(anterior, "V2") > st(normal, "V2") + 0.15
    assert st(inferior, "II") > st(normal, "II") + 0.1
    assert np.median(lead(normal, "V2", -70, 20).max(axis=1)) > 0.2  # the septal r
    assert np.median(lead(anterior, "V2", -70, 20).max(axis=1)) < 0.1
    assert np.median(lead(normal, "II", -70, 0).min(axis=1)) > -0.1
    assert np.median(lead(inferior, "II", -70, 0).min(axis=1)) < -0.2


def test_ischaemia_inverts_t_and_lowers_st(database, folder):
    inverted = mean_beats(database, folder, "ISC_")
    for name in ("I", "II", "V2"):
        assert np.median(lead(inverted, name, 200, 300).min(axis=1)) < -0.05
    lowered = mean_beats(database, folder, "NST_")
    assert np.median(lead(lowered, "II", 100, 140)) < -0.05


def test_folder_in_use_is_refused_and_untouched(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match=re.escape(str(tmp_path))):
        ptb_xl_folder.write_folder(tmp_path, records=20)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_empty_folder_is_filled(tmp_path):
    (tmp_path / "new").mkdir()
    ptb_xl_folder.write_folder(tmp_path / "new", records=20)
    database = pd.read_csv(tmp_path / "new/ptbxl_database.csv")
    assert set(database["strat_fold"]) == set(range(1, 11))


def test_too_few_records_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"19.*20"):
        ptb_xl_folder.write_folder(tmp_path / "new", records=19)


def test_interrupted_write_leaves_nothing(tmp_path, monkeypatch):
    write = ptb_xl_folder._write_wfdb

    def interrupted(path, ecg):
        if path.name == "00010_lr":
            raise KeyboardInterrupt
        write(path, ecg)

    monkeypatch.setattr(ptb_xl_folder, "_write_wfdb", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ptb_xl_folder.write_folder(tmp_path / "new", records=20)
    assert list(tmp_path.iterdir()) == []


def test_killed_simulation_is_resumed_to_the_same_files(tmp_path, monkeypatch):
    monkeypatch.setattr(ptb_xl_folder, "_PART", 10)
    monkeypatch.setattr(ptb_xl_folder, "ProcessPoolExecutor", InThisProcess)
    ptb_xl_folder.write_folder(tmp_path / "expected", records=35)
    write, written = ptb_xl_folder._write_wfdb, []

    def interrupted(path, ecg):
        if path.name == "00024_lr" and len(written) < 24:
            raise KeyboardInterrupt
        written.append(path.name)
        write(path, ecg)

    monkeypatch.setattr(ptb_xl_folder, "_write_wfdb", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ptb_xl_folder.write_folder(tmp_path / "new", records=35)
    assert not (tmp_path / "new").exists()
    ptb_xl_folder.write_folder(tmp_path / "new", records=35)
    again = {name for name in written if written.count(name) > 1}
    assert again == {f"000{k}_lr" for k in range(20, 24)}
    assert files(tmp_path / "new") == files(tmp_path / "expected")
    assert {path.name for path in tmp_path.iterdir()} == {"expected", "new"}


def test_finished_records_of_other_arguments_are_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr(ptb_xl_folder, "_PART", 15)
    monkeypatch.setattr(ptb_xl_folder, "ProcessPoolExecutor", InThisProcess)
    with monkeypatch.context() as patch:
        patch.setattr(ptb_xl_folder, "_write_tables", full_disk)
        with pytest.raises(OSError, match="full"):
            ptb_xl_folder.write_folder(tmp_path / "new", records=20, seed=1)
    assert [path.name for path in tmp_path.iterdir()] == [".simulating-new"]
    for out, seed in (("new", 2), ("expected", 2)):
        ptb_xl_folder.write_folder(tmp_path / out, records=20, seed=seed)
    assert files(tmp_path / "new") == files(tmp_path / "expected")


def test_processes_write_the_records_of_one_process(folder, tmp_path):
    ptb_xl_folder.write_folder(tmp_path / "many", records=1000)
    many, few = files(tmp_path / "many"), files(folder)
    common = set(few) - {Path("ptbxl_database.csv")}
    assert {name: many[name] for name in common} == {name: few[name] for name in common}
    rows = many[Path("ptbxl_database.csv")].splitlines()
    assert rows[: RECORDS + 1] == few[Path("ptbxl_database.csv")].splitlines()
    assert len(rows) == 1001
    assert {path.parent.name for path in many if path.suffix == ".dat"} == {"00000", "01000"}


class InThisProcess(ThreadPoolExecutor):
    """Does the work of worker processes in one thread."""

    def __init__(self, *_):
        super().__init__(1)


def full_disk(*_):
    raise OSError("full")


def files(folder):
    """The content of all files below a folder."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")}
