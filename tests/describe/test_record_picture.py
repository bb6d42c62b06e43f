import numpy as np
import PIL.Image
import pytest
import wfdb

from ecg_tf.data.synthetic import simulate_ecg
from ecg_tf.describe.record_picture import plot_record
from ecg_tf.errors import InputError, RecordError
from ecg_tf.leads import LEADS


@pytest.fixture
def write_record(tmp_path):
    """A function that writes a 12-lead ECG (time, lead), millivolt, and returns its path."""

    def write(ecg, rate=100):
        wfdb.wrsamp(
            "some_lr",
            fs=rate,
            units=["mV"] * 12,
            sig_name=list(LEADS),
            p_signal=np.asarray(ecg, float),
            fmt=["16"] * 12,
            write_dir=str(tmp_path),
        )
        return tmp_path / "some_lr"

    return write


@pytest.fixture
def ecg():
    return simulate_ecg(["MI"], np.random.default_rng(0))


def test_simulated_record_becomes_a_picture(simulated_folder, tmp_path, capfd):
    out = tmp_path / "record.png"
    plot_record(simulated_folder / "records100/00000/00005_lr", out)
    with PIL.Image.open(out) as picture:
        assert picture.format == "PNG"
        assert picture.width == 960
        assert picture.height > 1000
    assert out.stat().st_size < 400_000
    assert capfd.readouterr() == ("", "")


def test_picture_grows_with_its_leads_and_channels_only(write_record, ecg, tmp_path):
    record = write_record(ecg)
    heights = []
    for leads, channels in ((["V6"], ["rp"]), (["V6", "I"], ["rp"]), (["V6"], ["rp", "gaf"])):
        plot_record(record, tmp_path / "record.png", leads=leads, channels=channels)
        with PIL.Image.open(tmp_path / "record.png") as picture:
            heights.append(picture.height)
    assert heights[1] > heights[0] == heights[2]


@pytest.mark.parametrize("out", ["record.jpg", "record", "missing/record.png"])
def test_other_ending_or_missing_folder_is_an_error(write_record, ecg, tmp_path, out):
    with pytest.raises(InputError, match=r"record.*(ends in \.png|no folder)"):
        plot_record(write_record(ecg), tmp_path / out)


def test_a_record_may_be_named_by_its_files_or_be_a_csv_file(write_record, ecg, tmp_path):
    record, out = write_record(ecg), tmp_path / "record.png"
    pictures = []
    for ending in ("", ".hea", ".dat"):
        plot_record(f"{record}{ending}", out, leads=["V6"], channels=["rp"])
        pictures.append(out.read_bytes())
    assert pictures[0] == pictures[1] == pictures[2]
    rows = np.column_stack([np.arange(1000) / 100, wfdb.rdrecord(str(record)).p_signal])
    csv = tmp_path / "some_lr.csv"
    header = ",".join(["t (s)", *(f"Lead {lead} (mV)" for lead in LEADS)])
    np.savetxt(csv, rows, "%.6f", ",", header=header, comments="")
    plot_record(csv, out, leads=["V6"], channels=["rp"])
    with PIL.Image.open(out) as picture:
        assert picture.width == 960


@pytest.mark.parametrize("rate", [100, 400])
def test_a_record_may_have_another_sampling_rate_and_length(write_record, ecg, tmp_path, rate):
    record = write_record(np.resize(ecg, (int(2.5 * rate), 12)), rate)
    plot_record(record, tmp_path / "record.png", leads=["V6"], channels=["rp"])
    assert (tmp_path / "record.png").is_file()


@pytest.mark.parametrize(
    ("rate", "samples", "problem"),
    [
        (99, 1000, "sampling_rate 99: expected a whole number, 100 to 1000 Hz"),
        (250.5, 1000, r"sampling_rate 250\.5: expected a whole number, 100 to 1000 Hz"),
        (100, 249, r"samples 249: expected 250 to 6000, 2\.5 to 60 s at 100 Hz"),
    ],
)
def test_another_sampling_rate_or_length_is_an_error(
    write_record, ecg, tmp_path, rate, samples, problem
):
    record, out = write_record(np.resize(ecg, (samples, 12)), rate), tmp_path / "record.png"
    with pytest.raises(RecordError, match=f"some_lr: {problem}"):
        plot_record(record, out)


def test_missing_record_is_an_error(tmp_path):
    with pytest.raises(RecordError, match="nowhere: no header"):
        plot_record(tmp_path / "nowhere", tmp_path / "record.png")


@pytest.mark.parametrize(
    ("samples", "value", "problem"),
    [(slice(None), 0.5, "V2 is flat"), (slice(500, 600), np.nan, "finite.* V2")],
)
def test_flat_or_non_finite_lead_is_an_error(write_record, ecg, tmp_path, samples, value, problem):
    ecg[samples, LEADS.index("V2")] = value
    record, out = write_record(ecg), tmp_path / "record.png"
    with pytest.raises(RecordError, match=f"some_lr: .*{problem}"):
        plot_record(record, out)
    assert not out.exists()


def test_flat_lead_that_is_not_shown_is_no_error(write_record, ecg, tmp_path):
    ecg[:, LEADS.index("V2")] = 0
    plot_record(write_record(ecg), tmp_path / "record.png", leads=["I"], channels=["mtf"])
    assert (tmp_path / "record.png").is_file()
