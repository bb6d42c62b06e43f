"""The pyts images equal the study's and a full-size computation, pixel by pixel."""

import importlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
import pandas as pd
import pytest
from scipy import signal

from ecg_tf.data.images import pyts_images
from ecg_tf.data.images.pyts_images import ecg_image
from ecg_tf.data.synthetic import simulate_ecg
from ecg_tf.errors import InputError, RecordError

LEADS = ("I", "II", "V2")
COLUMNS = [0, 1, 7]


def full_size_image(ecg, channels, size):
    """Compute the image by the study's method in float64, with every field at full size."""
    sections = signal.butter(2, [1, 45], "bandpass", fs=100, output="sos")
    images = []
    for lead in signal.sosfilt(sections, np.asarray(ecg, np.float64), axis=0).T:
        x = (lead - lead.min()) / (lead.max() - lead.min())
        for channel in channels:
            field = {"gaf": gaf, "mtf": mtf, "rp": rp}[channel](x)
            images.append(np.floor(255 * resized(resized(field, size).T, size).T))
    return np.stack(images, axis=-1)


def gaf(x):
    x = 2 * x - 1
    s = np.sqrt(np.clip(1 - x**2, 0, 1))
    return (np.outer(x, x) - np.outer(s, s) + 1) / 2


def mtf(x):
    bins = np.searchsorted(np.cumsum(np.full(9, 0.1)), x, side="left")
    counts = np.zeros((10, 10))
    np.add.at(counts, (bins[:-1], bins[1:]), 1)
    counts /= np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return counts[bins[:, None], bins] / 5 - 1 + 1


def rp(x):
    return np.abs(x[:, None] - x)


def resized(field, size):
    """Resize the rows of a field bilinearly with half-pixel centres."""
    position = (np.arange(size) + 0.5) * len(field) / size - 0.5
    low = np.minimum(np.floor(position).astype(int), len(field) - 2)
    share = (position - low)[:, None]
    return field[low] * (1 - share) + field[low + 1] * share


def assert_same(image, expected):
    """Check that at most one pixel in 100,000 differs, by one grey level."""
    difference = np.abs(image.astype(int) - expected.astype(int))
    assert difference.max() <= 1
    assert (difference > 0).mean() <= 1e-5


def test_images_are_those_of_the_study(golden):
    arrays = golden("inputs")
    for ecg, expected in zip(arrays["signal_uv"] / 1000, arrays["images"], strict=True):
        image = ecg_image(ecg[:, COLUMNS], LEADS)
        assert (image.shape, image.dtype) == ((256, 256, 9), np.uint8)
        np.testing.assert_array_equal(image, np.moveaxis(expected, 0, -1))


@pytest.mark.parametrize(
    ("leads", "channels", "size"),
    [
        ((1, 0, 7), ("gaf", "mtf", "rp"), 256),
        ((7,), ("rp", "gaf"), 64),
        ((10, 3), ("mtf",), 200),
        ((1,), ("rp", "mtf", "gaf"), 700),
        (range(12), ("gaf", "mtf", "rp"), 1),
    ],
)
def test_images_equal_those_computed_at_full_size(leads, channels, size):
    rng = np.random.default_rng(7)
    for classes in ((), ("MI", "CD")):
        ecg = simulate_ecg(classes, rng)[:, leads]
        image = ecg_image(ecg, [str(k) for k in leads], channels, size)
        assert image.shape == (size, size, len(leads) * len(channels))
        assert_same(image, full_size_image(ecg, channels, size))


@pytest.mark.ptbxl
def test_images_of_real_records_equal_those_at_full_size(ptbxl_folder):
    from ecg_tf.data.ecg_files.wfdb_record import read_record, standard_ecg

    names = pd.read_csv(ptbxl_folder / "ptbxl_database.csv")["filename_lr"][:25]
    ecgs = [standard_ecg(read_record(ptbxl_folder / name))[:, COLUMNS] for name in names]
    images = np.stack([ecg_image(ecg, LEADS) for ecg in ecgs])
    assert_same(images, np.stack([full_size_image(e, ("gaf", "mtf", "rp"), 256) for e in ecgs]))


def test_shorter_record_has_images():
    ecg = simulate_ecg((), np.random.default_rng(1))[:300, COLUMNS]
    assert_same(ecg_image(ecg, LEADS, size=100), full_size_image(ecg, ("gaf", "mtf", "rp"), 100))


def test_threads_compute_the_same_images():
    rng = np.random.default_rng(3)
    ecgs = [simulate_ecg((), rng)[:, COLUMNS] for _ in range(12)]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda ecg: ecg_image(ecg, LEADS, size=64), ecgs))
    for ecg, image in zip(ecgs, together, strict=True):
        np.testing.assert_array_equal(image, ecg_image(ecg, LEADS, size=64))


def changed(column, samples):
    ecg = simulate_ecg((), np.random.default_rng(0))[:, COLUMNS]
    ecg[samples, column] = 0.3 if samples == slice(None) else np.nan
    return ecg


@pytest.mark.parametrize(
    ("ecg", "message"),
    [
        (changed(1, slice(None)), "ecg_id 21: lead II is flat, 0.3 mV throughout"),
        (changed(2, 500), "ecg_id 21: lead V2 has samples that are not finite"),
        (np.zeros(1000), r"ecg_id 21: .*shape \(1000,\), expected \(time, 3\)"),
        (np.zeros((1000, 2)), r"ecg_id 21: .*shape \(1000, 2\).*for leads I,II,V2"),
        (np.zeros((0, 3)), r"ecg_id 21: .*shape \(0, 3\)"),
        (changed(0, 999)[:255], "ecg_id 21: 255 samples, expected at least 256"),
    ],
)
def test_ecg_without_an_image_is_an_error_that_names_it(ecg, message):
    with pytest.raises(RecordError, match=message):
        ecg_image(ecg, LEADS, name="ecg_id 21")


@pytest.mark.parametrize(("channels", "size"), [(("gaf", "gasf"), 64), ((), 64), (("gaf",), 0)])
def test_invalid_channels_and_sizes_are_refused(channels, size):
    with pytest.raises(InputError, match=r"expected (one|1) or more"):
        ecg_image(changed(0, 0), LEADS, channels, size)


def test_pyts_is_imported_for_the_first_image():
    code = """
import sys, numpy as np
from ecg_tf.data.images.pyts_images import ecg_image
assert not {"pyts", "numba", "tensorflow", "keras"} & set(sys.modules)
import numba
njit = numba.njit
ecg_image(np.random.default_rng(0).normal(size=(50, 1)), ["I"], ["rp"], size=8)
assert "pyts" in sys.modules and numba.njit is njit
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_njit_is_restored_if_pyts_cannot_be_imported(monkeypatch):
    njit = numba.njit

    def fails(name):
        assert numba.njit is not njit
        raise ImportError(name)

    monkeypatch.delitem(sys.modules, "pyts", raising=False)
    monkeypatch.setattr(importlib, "import_module", fails)
    with pytest.raises(ImportError, match=r"pyts\.image"):
        pyts_images._pyts()
    assert numba.njit is njit


def test_imported_pyts_is_used_as_it_is(monkeypatch):
    pyts_images._pyts()
    monkeypatch.setattr(pyts_images, "_lazy_njit", None)
    assert pyts_images._pyts() is sys.modules["pyts.image"]


def test_lazy_njit_drops_declared_types_only():
    def njit(*args, **options):
        assert not args
        return lambda function: (function, options)

    def f():
        pass

    lazy = {"cache": True, "nogil": True}
    assert pyts_images._lazy_njit(njit, f) == (f, lazy)
    assert pyts_images._lazy_njit(njit)(f) == (f, lazy)
    assert pyts_images._lazy_njit(njit, "f8(f8)")(f) == (f, lazy)
    assert pyts_images._lazy_njit(njit, ["f8(f8)"], fastmath=True)(f) == (
        f,
        {**lazy, "fastmath": True},
    )
    assert pyts_images._lazy_njit(njit, cache=False)(f) == (f, lazy)


def test_lazy_njit_works_without_a_cache_folder():
    def njit(**options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function 'f': no locator available for file")
        return lambda function: (function, options)

    def f():
        pass

    assert pyts_images._lazy_njit(njit, f) == (f, {"nogil": True})
