"""The input of a network: its shape and the values it may have."""

import dataclasses

import pytest

from ecg_tf.errors import InputError
from ecg_tf.input_spec import InputSpec


@pytest.mark.parametrize(
    ("kind", "shape"), [("signal", (1000, 2)), ("image", (99, 99, 6)), ("ecg", (1000, 2))]
)
def test_shapes(kind, shape):
    spec = InputSpec(kind, ["V1", "I"], image_size=99)
    assert spec.shape == shape
    assert spec.ecg_shape == (1000, 2)


def test_a_window_has_fewer_samples_and_smaller_images():
    image = InputSpec("image", image_size=256).window(250)
    assert (image.samples, image.image_size) == (250, 64)
    signal = InputSpec("signal").window(250)
    assert (signal.shape, signal.image_size) == ((250, 3), None)


def test_the_duration_follows_from_the_sampling_rate():
    assert InputSpec("signal", sampling_rate=250, samples=1000).seconds == 4


def test_a_window_of_the_whole_ecg_is_the_same_input():
    for kind in ("signal", "image", "ecg"):
        assert InputSpec(kind).window(1000) == InputSpec(kind)


def test_backbones_take_signals_and_images_of_the_same_ecg():
    spec = InputSpec("ecg", ("V6",), channels=("rp",), image_size=32, scaling="millivolt")
    assert spec.backbone("signal") == InputSpec("signal", ("V6",), scaling="millivolt")
    assert spec.backbone("image") == dataclasses.replace(spec, kind="image")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kind": "sound"}, "kind 'sound': expected signal, image, ecg"),
        ({"leads": ("V7",)}, "leads 'V7': unknown V7"),
        ({"leads": ()}, "leads '': expected one or more"),
        ({"sampling_rate": 0}, "sampling_rate 0: expected a whole number, 100 to 1000 Hz"),
        ({"samples": 0}, "samples 0: expected 1 or more"),
        ({"channels": None}, "channels '': expected one or more of gaf,mtf,rp"),
        ({"image_size": 0}, "image_size 0: expected 1 to 1000"),
        ({"image_size": None}, "image_size None: expected 1 to 1000"),
        ({"samples": 100}, "image_size 256: expected 1 to 100"),
        ({"scaling": "volt"}, "scaling 'volt': expected record or millivolt"),
    ],
)
def test_values_out_of_range_are_refused_by_name(values, message):
    with pytest.raises(InputError, match=message):
        InputSpec(**{"kind": "image", **values})
