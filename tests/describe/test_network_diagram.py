import functools
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import PIL.Image
import pytest

from ecg_tf.describe.network_diagram import draw_network
from ecg_tf.errors import InputError
from ecg_tf.models import MODELS, alexnet, bigru, build, find, gru

ROOT = Path(__file__).resolve().parents[2]
FROZEN_FACE = (0xEE, 0xF0, 0xF2)


@functools.cache
def small(name):
    """A small network of this name, which tests must not change."""
    size = (
        {"nb_filters": 2, "sliding_seconds": 2}
        if name in ("resnet1d", "s4")
        else {"hidden_size": 3}
    )
    signal = {"input_shape": (1000, 1), "classes": 4, **size}
    image = {"input_shape": (67, 67, 1), "classes": 4, "nb_filters": 1}
    if find(name).input_kind == "ecg":
        return build(name, signal=bigru(**signal), image=alexnet(**image), channels=("rp",))
    return build(name, **{"signal": signal, "image": image}[find(name).input_kind])


def pixels(network, out):
    draw_network(network, out)
    with PIL.Image.open(out) as picture:
        assert picture.format == "PNG"
        return np.asarray(picture.convert("RGB")).astype(int)


@pytest.mark.parametrize("name", MODELS)
def test_every_network_becomes_a_picture(name, tmp_path):
    height, width, _ = pixels(small(name), tmp_path / "network.png").shape
    assert 400 < width < 2500
    assert 400 < height < 2500
    assert (tmp_path / "network.png").stat().st_size < 200_000


def frozen_pixels(network, out):
    return (abs(pixels(network, out) - FROZEN_FACE).max(axis=-1) <= 2).sum()


def test_frozen_backbones_are_grey(tmp_path):
    out = tmp_path / "network.png"
    assert frozen_pixels(small("late_fusion"), out) > 50_000
    assert frozen_pixels(small("joint_fusion"), out) < 1000


def test_picture_grows_with_the_network(tmp_path):
    out = tmp_path / "network.png"
    shapes = [pixels(gru(num_layers=n, hidden_size=2), out).shape for n in (1, 2, 3)]
    growth = np.diff(shapes, axis=0)
    assert growth[0, 0] > 50
    assert growth[:, 0].tolist() == pytest.approx([growth[0, 0]] * 2, abs=1)
    assert not growth[:, 1:].any()


def test_branches_stand_side_by_side(tmp_path):
    widths = [
        pixels(small(name), tmp_path / "network.png").shape[1]
        for name in ("bigru", "alexnet", "late_fusion")
    ]
    assert widths[2] > 0.75 * (widths[0] + widths[1])  # each alone has margins, too


def test_loaded_network_is_drawn_like_the_one_saved(tmp_path):
    network = small("early_fusion")
    network.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    pictures = [pixels(n, tmp_path / "network.png") for n in (network, loaded)]
    np.testing.assert_array_equal(*pictures)


@pytest.mark.parametrize("out", ["network.jpg", "missing/network.png"])
def test_other_ending_or_missing_folder_is_an_error(out, tmp_path):
    with pytest.raises(InputError, match=r"network.*(ends in \.png|no folder)"):
        draw_network(gru(hidden_size=2), tmp_path / out)


def describe(*arguments):
    return subprocess.run(
        [sys.executable, ROOT / "bin/describe.py", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_script_prints_and_draws(tmp_path):
    result = describe("-model", "gru", "-out", str(tmp_path / "gru.png"))
    assert (result.returncode, result.stderr) == (0, "")
    assert "249,732 parameters, all of them trained" in result.stdout
    assert (tmp_path / "gru.png").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "neither of -model and -path_model"),
        (["-model", "gru", "-path_model", "runs/gru"], "both of -model and -path_model"),
    ],
)
def test_script_takes_the_name_of_a_network_or_a_run(arguments, message):
    result = describe(*arguments)
    assert result.returncode == 1
    assert f"error: {message}" in result.stderr
