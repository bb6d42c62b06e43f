import itertools

import keras
import numpy as np
import pytest
import reference
import tensorflow as tf

from ecg_tf.data.ecg_files.wfdb_record import read_record, standard_ecg
from ecg_tf.errors import InputError
from ecg_tf.export.gru_loop import gru_loop
from ecg_tf.kernels import images as images_on_cpu
from ecg_tf.layers import (
    Bandpass,
    DiagonalBand,
    ECGImage,
    ECGSignal,
    GramianAngularField,
    MarkovTransitionField,
    MinMax,
    RecurrencePlot,
    ZScore,
)
from ecg_tf.layers.portable import portable
from ecg_tf.leads import lead_indices


def levels(images):
    """Integer grey levels of images in [0, 1]."""
    values = np.asarray(images) * 255
    assert np.abs(values - np.rint(values)).max() < 1e-4
    return np.rint(values).astype(int)


def assert_same_levels(found, expected):
    """The limits: 99 % of pixels identical, 1 in 10,000 off by more than one level."""
    assert found.shape == expected.shape
    difference = np.abs(found - expected)
    assert (difference == 0).mean() >= 0.99
    assert (difference > 1).mean() <= 1e-4


def test_is_the_golden_image(ecg, golden):
    images = np.asarray(ECGImage()(ecg))
    assert images.dtype == np.float32
    assert_same_levels(levels(images), golden("inputs")["images"].transpose(0, 2, 3, 1).astype(int))


def test_reference_is_the_golden_image(reference_levels, golden):
    np.testing.assert_array_equal(
        reference_levels.transpose(0, 3, 1, 2), golden("inputs")["images"]
    )


@pytest.mark.ptbxl
def test_is_the_reference_on_real_records(ptbxl_folder):
    headers = itertools.islice(sorted(ptbxl_folder.glob("records100/*/*.hea")), 50)
    ecg = np.stack([standard_ecg(read_record(header.with_suffix(""))) for header in headers])
    ecg = ecg[:, :, lead_indices(["I", "II", "V2"])]
    assert len(ecg) == 50
    assert_same_levels(levels(ECGImage()(ecg)), reference.ecg_image(ecg))


@pytest.mark.parametrize("jit_compile", [False, True])
def test_is_the_same_image_in_a_graph_for_any_batch_size(ecg, reference_levels, jit_compile):
    image = ECGImage()
    graph = tf.function(
        image, [tf.TensorSpec((None, 1000, 3))], jit_compile=jit_compile, autograph=False
    )
    for batch in (1, 3, 16):  # XLA compiles the last
        found = levels(graph(np.resize(ecg, (batch, 1000, 3))))
        assert_same_levels(found, np.resize(reference_levels, found.shape))


def is_compiled(layer, shape):
    """Whether the graph of a layer contains programs of XLA."""
    graph = tf.function(layer).get_concrete_function(tf.TensorSpec(shape)).graph
    return "_XlaMustCompile" in str(graph.as_graph_def())


def test_other_leads_channels_and_size_are_compiled_to_the_same_images(golden, monkeypatch):
    ecg = golden("inputs")["signal_uv"][:2] / 1000
    ecg[1, :, 3] = np.nan
    expected = np.asarray(ECGImage(("rp", "gaf"), 67)(ecg))
    monkeypatch.setattr(images_on_cpu, "_LARGE", 0)
    image = ECGImage(("rp", "gaf"), 67)
    assert_same_levels(levels(image(ecg)), levels(expected))
    assert not levels(image(ecg))[1, :, :, 6:8].any()


def test_exported_images_are_not_compiled():
    assert is_compiled(ECGImage(), (None, 1000, 3))
    with portable(gru_loop):
        assert not is_compiled(ECGImage(), (None, 1000, 3))


@pytest.mark.parametrize(
    ("leads", "channels", "size", "time"),
    [
        (1, ("rp",), 32, 1000),
        (12, ("mtf", "gaf"), 67, 1000),
        (2, ("rp", "mtf", "gaf"), 500, 500),
        (3, ("mtf",), 1, 1000),
    ],
)
def test_any_leads_channels_and_size(golden, leads, channels, size, time):
    ecg = golden("inputs")["signal_uv"][:2, :time, :leads] / 1000
    assert_same_levels(
        levels(ECGImage(channels, size)(ecg)), reference.ecg_image(ecg, channels, size)
    )


@pytest.mark.parametrize(("rate", "time"), [(250, 1000), (500, 1250), (1000, 2503)])
def test_is_the_reference_at_other_sampling_rates(golden, rate, time):
    ecg = np.resize(golden("inputs")["signal_uv"][:, :, :2] / 1000, (2, time, 2))
    image = ECGImage.from_config(ECGImage(size=64, sampling_rate=rate).get_config())
    assert_same_levels(levels(image(ecg)), reference.ecg_image(ecg, size=64, rate=rate))


@pytest.mark.parametrize(("size", "band"), [(256, 64), (67, 5), (20, 20), (33, 1)])
def test_band_is_the_diagonal_band_of_the_images(ecg, size, band, monkeypatch):
    whole = reference.ecg_image(ecg[:2], size=size)
    whole[1, :, :, 6:] = 0
    broken = ecg[:2].copy()
    broken[1, :, 2] = np.nan
    expected = levels(DiagonalBand(band)(whole / 255))
    for large in (0, 2**62):  # compiled, not compiled
        monkeypatch.setattr(images_on_cpu, "_LARGE", large)
        image = ECGImage.from_config(ECGImage(size=size, band=band).get_config())
        assert image.compute_output_shape(ecg.shape) == (len(ecg), size, band, 9)
        assert_same_levels(levels(image(broken)), expected)


@pytest.mark.parametrize("band", [0, 65])
def test_band_beyond_the_images_is_an_error(band):
    with pytest.raises(InputError, match=f"^band {band}: expected 1 to 64"):
        ECGImage(size=64, band=band)


@pytest.mark.parametrize("value", [0, 0.3, np.nan, np.inf])
def test_invalid_lead_gives_zeros_and_leaves_all_else_untouched(ecg, value):
    image = ECGImage(size=64)
    expected = np.array(image(ecg))
    broken = ecg.copy()
    broken[2, :, 1] = value
    expected[2, :, :, 3:6] = 0
    np.testing.assert_array_equal(np.asarray(image(broken)), expected)


def test_rounding_below_zero_is_level_zero(monkeypatch):
    # Where φ_i + φ_j is 180°, the cosine is -1, and rounding makes it a little less.
    half = np.random.default_rng(0).random((1, 500, 1))
    monkeypatch.setattr(Bandpass, "call", lambda self, ecg: ecg)
    images = ECGImage(["gaf"], 1000)(np.concatenate([half, 1 - half], axis=1))
    assert np.asarray(images).min() == 0


def test_saved_model_gives_the_same_logits(ecg, tmp_path):
    inputs = keras.Input((1000, 3))
    scaled = MinMax()(Bandpass()(inputs))
    branches = [
        ECGImage(("rp", "gaf"), 33)(inputs),
        *(field(21)(scaled) for field in (GramianAngularField, MarkovTransitionField)),
        RecurrencePlot(21)(ZScore()(inputs)),
        ECGSignal()(inputs)[:, :, None],
    ]
    pooled = [keras.layers.GlobalAveragePooling2D()(branch) for branch in branches]
    model = keras.Model(inputs, keras.layers.Dense(4)(keras.layers.concatenate(pooled)))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for one, other in zip(loaded.layers, model.layers, strict=True):
        assert one.get_config() == other.get_config()
    np.testing.assert_array_equal(loaded.predict_on_batch(ecg), model.predict_on_batch(ecg))


def test_mixed_precision_leaves_images_and_signals_float32(ecg):
    expected = [np.asarray(layer(ecg)) for layer in (ECGImage(size=64), ECGSignal())]
    keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        found = [np.asarray(layer(ecg)) for layer in (ECGImage(size=64), ECGSignal())]
    finally:
        keras.mixed_precision.set_global_policy("float32")
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == np.float32
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("size", [0, 1001])
@pytest.mark.parametrize("layer", [ECGImage, GramianAngularField, RecurrencePlot])
def test_size_beyond_the_samples_is_an_error(layer, size, ecg):
    with pytest.raises(InputError, match=f"^image size {size}: expected 1 to 1000"):
        layer(size=size)(ecg)


@pytest.mark.parametrize("channels", [(), ("gaf", "gaf"), ("gaf", "grad")])
def test_unknown_missing_or_repeated_channels_are_an_error(channels):
    with pytest.raises(InputError, match="expected one or more of gaf,mtf,rp"):
        ECGImage(channels)
