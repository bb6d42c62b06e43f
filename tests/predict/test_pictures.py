import dataclasses

import numpy as np
import PIL.Image
import pytest

from ecg_tf.data.any_ecg import Window
from ecg_tf.errors import InputError
from ecg_tf.predict.pictures import PredictionPictures
from ecg_tf.predict.prediction import Prediction


def prediction(record="a/100", start=0, of=1, ecg=None, decisions=(1, 0), names=("MI", "CD")):
    if ecg is None:
        ecg = np.random.default_rng(0).normal(size=(1000, 12)).astype(np.float32)
    duration, rate = 10.0 * of + 2.5, 500.0
    return Prediction(
        record=record,
        start=start,
        duration=duration,
        sampling_rate=rate,
        simulated=False,
        simulated_training=False,
        leads=("I", "II"),
        class_names=names,
        probabilities=(0.7, 0.2),
        thresholds=(0.5, 0.4),
        decisions=decisions,
        window=Window(record, start, of, duration, rate, False, ecg),
    )


def size(path):
    with PIL.Image.open(path) as picture:
        assert picture.format == "PNG"
        return picture.size


def test_a_picture_is_named_after_its_record(tmp_path):
    out = PredictionPictures(tmp_path / "new/folder", ["a/100"]).draw(prediction())
    assert out == tmp_path / "new/folder/100.png"
    assert size(out)[0] == 1100


def test_records_of_several_folders_have_separate_pictures(tmp_path):
    pictures = PredictionPictures(tmp_path, ["a/100", "b/c/100.hea"])
    drawn = [pictures.draw(prediction(record)) for record in ("a/100", "b/c/100")]
    assert drawn == [tmp_path / "a/100.png", tmp_path / "b/c/100.png"]


def test_no_picture_leaves_its_folder(tmp_path):
    pictures = PredictionPictures(tmp_path / "out", ["a/../../100", "b/100"])
    drawn = pictures.draw(prediction("a/../../100"))
    assert drawn.resolve().is_relative_to(tmp_path / "out")


def test_windows_of_a_record_have_separate_pictures(tmp_path):
    pictures = PredictionPictures(tmp_path, ["100"])
    drawn = [pictures.draw(prediction("100", start, of=3)) for start in (0, 20)]
    assert [path.name for path in drawn] == ["100_0s.png", "100_20s.png"]


@pytest.mark.parametrize("scale", [1e-4, 30, 1e5])
def test_an_ecg_of_any_amplitude_makes_a_picture_of_about_a_page(tmp_path, scale):
    ecg = scale * np.random.default_rng(0).normal(size=(1000, 12)).astype(np.float32)
    width, height = size(PredictionPictures(tmp_path, ["100"]).draw(prediction("100", ecg=ecg)))
    assert 0.5 < height / width < 2


def test_a_disease_is_red_and_norm_is_not(tmp_path):
    pictures = PredictionPictures(tmp_path, ["100"])
    for decisions, is_red in (((1, 1), True), ((0, 1), False)):
        out = pictures.draw(prediction("100", decisions=decisions, names=("MI", "NORM")))
        with PIL.Image.open(out) as picture:
            red = (np.asarray(picture.convert("RGB")) == (0xB3, 0x26, 0x1E)).all(axis=-1)
        assert red.any() == is_red


def test_a_picture_of_many_long_class_names_is_as_large_as_others(tmp_path):
    pictures = PredictionPictures(tmp_path, ["100"])
    many = dataclasses.replace(
        prediction("100"),
        class_names=tuple(f"class {k} of the left ventricle" for k in range(71)),
        probabilities=(0.7,) * 71,
        thresholds=(0.5,) * 71,
        decisions=(1,) * 71,
    )
    assert size(pictures.draw(many)) == size(pictures.draw(prediction("100")))


def test_missing_leads_are_left_out(tmp_path):
    whole = prediction("100").window.ecg
    two = whole.copy()
    two[:, 2:] = np.nan
    pictures = PredictionPictures(tmp_path, ["100"])
    heights = [size(pictures.draw(prediction("100", ecg=ecg)))[1] for ecg in (whole, two)]
    assert heights[1] < heights[0]


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file: cannot be written: a file, expected"):
        PredictionPictures(tmp_path / "file", ["100"])
