"""WFDB records: exactly the values that wfdb reads, and clear errors for everything else."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import wfdb
from wfdb_files import DIGITAL, LEADS, edit_header, refused, standard, write

from ecg_tf.data.ecg_files.wfdb_record import read_record

CHALLENGE = Path(__file__).resolve().parents[4] / "shared/cinc2021"


# Records that are read


def test_ecg_is_float32_time_by_lead_in_millivolt(tmp_path):
    ecg = standard(write(tmp_path))
    assert (ecg.dtype, ecg.shape) == (np.float32, (1000, 12))
    np.testing.assert_array_equal(ecg, (DIGITAL / 1000).astype(np.float32))


def check_folder_of_records(folder, count):
    """Check that the ecgs equal wfdb's physical signal and the 16-bit numbers / 1000 exactly."""
    for name in pd.read_csv(folder / "ptbxl_database.csv")["filename_lr"][:count]:
        ecg = standard(folder / name)
        physical = wfdb.rdrecord(str(folder / name)).p_signal
        np.testing.assert_array_equal(ecg, physical.astype(np.float32))
        digital = np.fromfile(folder / f"{name}.dat", "<i2").reshape(1000, 12)
        np.testing.assert_array_equal(ecg, (digital / 1000).astype(np.float32))


def test_simulated_ecgs_are_read_exactly(simulated_folder):
    check_folder_of_records(simulated_folder, 30)


@pytest.mark.ptbxl
def test_real_ecgs_are_read_exactly(ptbxl_folder):
    check_folder_of_records(ptbxl_folder, 100)


def test_gain_and_baseline_are_applied(tmp_path):
    ecg = standard(write(tmp_path, gain=200.0, baseline=7))
    np.testing.assert_array_equal(ecg, ((DIGITAL - 7.0) / 200).astype(np.float32))


@pytest.mark.parametrize(("unit", "gain"), [("uV", 1.0), ("mV", 1000.0), ("V", 1e6)])
def test_every_unit_of_voltage_is_converted_to_millivolt(tmp_path, unit, gain):
    ecg = standard(write(tmp_path, unit=unit, gain=gain))
    np.testing.assert_allclose(ecg, DIGITAL / 1000, rtol=1e-6)


def test_leads_in_another_order_are_reordered_by_name(tmp_path):
    order = np.random.default_rng(1).permutation(12)
    path = write(tmp_path, leads=[LEADS[k] for k in order], digital=DIGITAL[:, order])
    np.testing.assert_array_equal(standard(path), (DIGITAL / 1000).astype(np.float32))


def test_lead_names_may_be_lower_case(tmp_path):
    path = write(tmp_path, leads=["I", "II", "III", "aVR", "aVL", "aVF", *LEADS[6:]])
    np.testing.assert_array_equal(standard(path), (DIGITAL / 1000).astype(np.float32))


def test_signal_file_may_be_longer_than_its_header_states(tmp_path):
    path = write(tmp_path)
    with path.with_name("r.dat").open("ab") as file:
        file.write(b"more")
    np.testing.assert_array_equal(standard(path), (DIGITAL / 1000).astype(np.float32))


def test_any_leads_rate_and_length_can_be_read(tmp_path):
    record = read_record(write(tmp_path, leads=["V1", "xyz"], digital=DIGITAL[:77], fs=250))
    assert (record.leads, record.sampling_rate, record.ecg.shape) == (("V1", "XYZ"), 250, (77, 2))


@pytest.mark.ptbxl
def test_challenge_records_are_read_as_wfdb_reads_them():
    if not CHALLENGE.is_dir():
        pytest.skip("no records of the challenge in ../shared/cinc2021")
    for header in CHALLENGE.glob("*.hea"):
        path = header.with_suffix("")
        record, expected = read_record(path), wfdb.rdrecord(str(path))
        np.testing.assert_array_equal(record.ecg, expected.p_signal)
        assert record.leads == tuple(name.upper() for name in expected.sig_name)
        assert record.sampling_rate == expected.fs


def test_simulated_record_is_recognised_by_its_header(simulated_folder, tmp_path):
    assert read_record(simulated_folder / "records100/00000/00001_lr").simulated
    assert not read_record(write(tmp_path)).simulated


def test_name_is_the_path_by_default(tmp_path):
    path = write(tmp_path)
    assert read_record(path).name == str(path)


# Records that are not an ECG of PTB-XL


def test_eight_leads_are_refused_and_the_missing_named(tmp_path):
    path = write(tmp_path, leads=["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"])
    assert refused(path) == (
        "8 leads (I II V1 V2 V3 V4 V5 V6), expected the 12 of PTB-XL; missing III AVR AVL AVF"
    )


def test_repeated_lead_is_named(tmp_path):
    path = write(tmp_path)
    edit_header(path, " II\n", " I\n")
    message = refused(path)
    assert message.endswith("expected the 12 of PTB-XL; missing II; unknown or repeated I")


def test_unknown_lead_is_named(tmp_path):
    message = refused(write(tmp_path, leads=[*LEADS[:11], "V7"]))
    assert message.endswith("missing V6; unknown or repeated V7")


def test_lead_without_a_name_is_refused(tmp_path):
    path = write(tmp_path)
    edit_header(path, " V6", "")
    assert refused(path).endswith("missing V6; unknown or repeated ?")


def test_another_rate_is_refused(tmp_path):
    assert refused(write(tmp_path, fs=500)) == "500 Hz, expected 100 Hz"


@pytest.mark.parametrize("samples", [999, 1001, 5000])
def test_another_length_is_refused(tmp_path, samples):
    digital = np.resize(DIGITAL, (samples, 12))
    assert refused(write(tmp_path, digital=digital)) == f"{samples} samples, expected 1000"


def test_invalid_sample_is_refused_and_its_lead_named(tmp_path):
    digital = DIGITAL.copy()
    digital[500, 7] = -32768  # marks a missing sample in 16-bit files
    assert np.isnan(read_record(write(tmp_path, digital=digital)).ecg[500, 7])
    assert refused(tmp_path / "r") == "samples that are not finite in V2"


def test_unit_that_is_not_a_voltage_is_refused(tmp_path):
    message = refused(write(tmp_path, unit="mmHg"))
    assert message == "lead I: unit 'mmHg', expected mV, uV, nV or V"


def test_micro_sign_is_read_though_wfdb_drops_it(tmp_path):
    path = write(tmp_path, unit="uV", gain=1.0)
    edit_header(path, "uV", "µV")
    assert wfdb.rdrecord(str(path)).units[0] == "V"
    np.testing.assert_allclose(standard(path), DIGITAL / 1000, rtol=1e-6)


@pytest.mark.parametrize(
    ("unit", "gain"),
    [
        ("mv", 1000),
        ("MV", 1000),
        ("millivolts", 1000),
        ("nV", 1e-3),
        ("microvolt", 1),
        ("µVolt", 1),
    ],
)
def test_units_are_read_in_either_case(tmp_path, unit, gain):
    path = write(tmp_path)
    edit_header(path, "1000.0(0)/mV", f"{gain}(0)/{unit}")
    np.testing.assert_allclose(standard(path), DIGITAL / 1000, rtol=1e-6)


@pytest.mark.parametrize("unit", ["mµV", "kΩ", "NU", "mV/mV"])
def test_lead_in_another_unit_is_refused(tmp_path, unit):
    path = write(tmp_path, unit="uV", gain=1.0)
    edit_header(path, "uV", unit)
    assert refused(path).startswith(f"lead I: unit '{unit}', expected mV")


def test_signals_that_are_not_leads_keep_their_units(tmp_path):
    path = write(tmp_path, leads=["I", "ABP", "Resp", "MLII"], digital=DIGITAL[:, :4])
    lines = (tmp_path / "r.hea").read_text().splitlines()
    lines[2] = lines[2].replace("1000.0(0)/mV", "20(100)/mmHg")
    lines[3] = lines[3].replace("1000.0(0)/mV", "0/°C")  # not calibrated
    lines[4] = lines[4].replace("1000.0(0)/mV", "2/uV")
    (tmp_path / "r.hea").write_text("\n".join(lines), "utf-8")
    record = read_record(path)
    assert record.leads == ("I", "ABP", "RESP", "MLII")
    np.testing.assert_array_equal(record.ecg[:, 0], DIGITAL[:, 0] / 1000)
    np.testing.assert_array_equal(record.ecg[:, 1], (DIGITAL[:, 1] - 100) / 20)
    assert np.isnan(record.ecg[:, 2]).all()
    np.testing.assert_allclose(record.ecg[:, 3], DIGITAL[:, 3] / 2000)


def test_electrodes_of_an_eeg_are_not_leads(tmp_path):
    path = write(tmp_path, leads=["I", "C3", "Fz"])
    edit_header(path, "1000.0(0)/mV 16 0 " + str(DIGITAL[0, 1]), f"0/NU 16 0 {DIGITAL[0, 1]}")
    assert read_record(path).leads == ("I", "C3", "FZ")
    edit_header(path, "Fz", "x")
    assert refused(path).startswith("lead C3: unit 'NU'")


@pytest.mark.parametrize("gain", ["0", "0(0)/mV", "-0.0"])
def test_lead_that_is_not_calibrated_is_refused(tmp_path, gain):
    path = write(tmp_path)
    edit_header(path, " 1000.0(0)/mV 16", f" {gain} 16")
    assert refused(path).startswith("lead I is not calibrated: its header gives no gain, or 0")


@pytest.mark.parametrize("gain", ["1e-30/mV", "1e-320/mV", "0.01/mV", "99/V"])
def test_steps_too_coarse_for_an_ecg_are_refused(tmp_path, gain):
    path = write(tmp_path)
    edit_header(path, "1000.0(0)/mV", gain)
    assert "lead I has steps of " in refused(path)


def test_header_without_a_sampling_rate_is_refused(tmp_path):
    path = write(tmp_path)
    edit_header(path, "r 12 100 1000", "r 12")
    assert refused(path) == "its header begins 'r 12', without a sampling rate"


# Files that are missing or damaged


def test_missing_header_is_named(tmp_path):
    assert refused(tmp_path / "r") == f"no header {tmp_path / 'r.hea'}"


def test_missing_signal_file_is_named(tmp_path):
    path = write(tmp_path)
    path.with_name("r.dat").unlink()
    assert refused(path) == f"no signal file {tmp_path / 'r.dat'}"


@pytest.mark.parametrize("size", [0, 1, 12000, 23976, 23999])
def test_truncated_signal_file_is_refused(tmp_path, size):
    path = write(tmp_path)
    dat = path.with_name("r.dat")
    dat.write_bytes(dat.read_bytes()[:size])
    assert refused(path) == f"r.dat holds {size} bytes, expected 24000"


def test_header_of_a_huge_record_is_refused_before_it_is_read(tmp_path):
    path = write(tmp_path)
    edit_header(path, " 1000\n", " 1000000000000\n", 1)
    assert refused(path) == "r.dat holds 24000 bytes, expected 24000000000000"


def test_signal_that_does_not_match_its_checksum_is_refused(tmp_path):
    path = write(tmp_path)
    dat = path.with_name("r.dat")
    damaged = np.fromfile(dat, "<i2")
    damaged[12 * 500 + 2] += 1  # lead III
    damaged.tofile(dat)
    assert re.fullmatch(r"lead III sums to \d+, its header states \d+; .* damaged", refused(path))


def test_header_without_checksums_is_read(tmp_path):
    path = write(tmp_path)
    header = path.with_name("r.hea")
    first, *signals = header.read_text().splitlines()
    signals = [" ".join(line.split()[:3]) for line in signals]
    header.write_text("\n".join([first, *signals, ""]))
    np.testing.assert_array_equal(read_record(path).ecg, DIGITAL / 1000)


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_empty_header_is_refused(tmp_path, text):
    path = write(tmp_path)
    path.with_name("r.hea").write_text(text)
    assert refused(path) == "its header is empty"


def test_header_that_is_a_folder_is_refused(tmp_path):
    (tmp_path / "r.hea").mkdir()
    assert refused(tmp_path / "r").startswith("no header")


@pytest.mark.parametrize("kept", [0, 11])
def test_header_with_fewer_signals_than_stated_is_refused(tmp_path, kept):
    path = write(tmp_path)
    header = path.with_name("r.hea")
    header.write_text("\n".join(header.read_text().splitlines()[: 1 + kept]))
    assert refused(path) == f"its header begins 'r 12 100 1000' and describes {kept} signals"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("r 12 100 1000", "12"),
        ("r 12 100 1000", "r 12 fast 1000"),
        ("r.dat 16 ", "r.dat "),
        ("r.dat 16 ", "r.dat 99 "),
        ("r.dat 16 ", "r.dat x "),
        ("r.dat 16 ", "r.dat\n"),
        ("r 12 100 1000", "\x00\x01\x02"),
    ],
)
def test_invalid_values_in_a_header_are_refused(tmp_path, old, new):
    path = write(tmp_path)
    edit_header(path, old, new)
    refused(path)


@pytest.mark.parametrize("content", [bytes(range(256)), b"\xff\xfe\x00", b"\x00" * 100])
def test_binary_header_is_refused(tmp_path, content):
    path = write(tmp_path)
    path.with_name("r.hea").write_bytes(content)
    refused(path)


def test_record_of_several_segments_is_refused(tmp_path):
    write(tmp_path)
    (tmp_path / "m.hea").write_text("m/2 12 100 2000\nr 1000\nr 1000\n")
    message = refused(tmp_path / "m")
    assert message == "a record of several segments, expected a single one"
