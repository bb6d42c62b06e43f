import PIL.Image
import pytest

from ecg_tf.errors import InputError, RecordError
from ecg_tf.explain.record import explain_record


@pytest.fixture(scope="module")
def record(simulated_folder):
    return simulated_folder / "records100/00000/00007_lr"


def test_it_draws_a_picture_and_prints_nothing(run, record, tmp_path, capfd):
    out = tmp_path / "why.png"
    explain_record(record, run.path, "CD", out)
    with PIL.Image.open(out) as picture:
        assert picture.format == "PNG"
        assert picture.width == 1050
        assert len(picture.getcolors()) > 20
    assert capfd.readouterr() == ("", "")


def test_an_unknown_class_is_an_error_that_lists_the_known(run, record, tmp_path):
    with pytest.raises(InputError, match=r"class 'AFIB': expected one of .*MI, STTC, CD, HYP"):
        explain_record(record, run.path, "AFIB", tmp_path / "why.png")


def test_a_missing_record_is_an_error(run, tmp_path):
    with pytest.raises(RecordError, match="nowhere: no header"):
        explain_record(tmp_path / "nowhere", run.path, "MI", tmp_path / "why.png")


@pytest.mark.parametrize("out", ["why.jpg", "missing/why.png"])
def test_another_ending_or_a_missing_folder_is_an_error(run, record, tmp_path, out):
    with pytest.raises(InputError, match=r"why.*(ends in \.png|no folder)"):
        explain_record(record, run.path, "MI", tmp_path / out)


def test_an_export_is_refused_and_its_run_is_named(record, tmp_path):
    (tmp_path / "saved_model.pb").touch()
    with pytest.raises(InputError, match=r"SavedModel.*expected the run folder"):
        explain_record(record, tmp_path, "MI", tmp_path / "why.png")
