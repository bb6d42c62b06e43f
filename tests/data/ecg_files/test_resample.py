"""Resampling: the pass band is preserved, everything else is removed."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import signal

from ecg_tf.data.ecg_files.resample import is_resampled, resample, resampled_length

MARGIN = 20  # samples at either end that depend on the extension of the signal


def sine(frequency, rate, seconds=10.0):
    """Return float64 (time, 1) and the time of each sample."""
    seconds = np.arange(round(seconds * rate)) / rate
    return np.sin(2 * np.pi * frequency * seconds + 0.5)[:, None]


rates = st.one_of(
    st.sampled_from([50, 128, 200, 240, 250, 257, 360, 500, 977, 999.56, 1000, 2000]),
    st.floats(50, 1500).map(lambda rate: round(rate, 2)),
)


def is_exact(rate):
    """Whether the ratio of the rates is a fraction with a denominator up to 10,000."""
    return (100 / Fraction(str(rate))).denominator <= 10_000


@settings(max_examples=40)
@given(rates, st.floats(0.02, 0.9))
@example(1116.66, 0.5)  # 5000 / 55833 is approximated
def test_sine_in_the_pass_band_is_preserved(rate, part):
    frequency = part * min(rate, 100) / 2
    found = resample(sine(frequency, rate), rate)
    expected = sine(frequency, 100)
    count = min(len(found), len(expected))
    error = np.abs(found[:count] - expected[:count])[MARGIN * 2 : -MARGIN * 2]
    shift = 0 if is_exact(rate) else 0.5e-3  # seconds, as `resample` documents
    assert error.max() < 3e-3 + 2 * np.pi * frequency * shift


@settings(max_examples=40)
@given(st.floats(120, 2000), st.floats(0, 1))
def test_frequencies_that_would_alias_are_filtered_out(rate, where):
    frequency = 55 + where * (rate / 2 - 55)
    folded = resample(sine(frequency, rate), rate)
    assert np.abs(folded[MARGIN:-MARGIN]).max() < 3e-3


@pytest.mark.parametrize("to", [100, 250, 257, 500, 1000])
@pytest.mark.parametrize("rate", [100, 360, 500, 1000])
def test_sine_is_preserved_at_any_new_sampling_rate(rate, to):
    found = resample(sine(17, rate, seconds=4), rate, to)
    assert len(found) == resampled_length(4 * rate, rate, to) == 4 * to
    assert is_resampled(rate, to) == (rate != to)
    margin = MARGIN * to // 100
    error = np.abs(found - sine(17, to, seconds=4))[margin:-margin]
    assert error.max() < 3e-3


def test_mains_hum_at_60_hertz_would_alias_without_the_filter():
    recorded = sine(60, 500)
    assert np.abs(recorded[::5]).max() > 0.9  # aliased to 40 Hz
    assert np.abs(resample(recorded, 500)[MARGIN:-MARGIN]).max() < 2e-3


def test_ecg_agrees_with_fourier_interpolation():
    rng = np.random.default_rng(0)
    spectrum = np.zeros((501, 3), complex)
    spectrum[1:440] = rng.normal(size=(439, 3)) + 1j * rng.normal(size=(439, 3))  # up to 44 Hz
    original = np.fft.irfft(spectrum, axis=0)
    fine = signal.resample(original, 5000)
    found = resample(fine, 500)
    error = np.abs(found - original)[MARGIN:-MARGIN].max()
    assert error < 2e-3 * np.abs(original).max()


def test_ecg_at_100_hertz_is_not_changed():
    ecg = np.random.default_rng(0).normal(size=(1000, 12))
    assert resample(ecg, 100.0) is ecg


@pytest.mark.parametrize("rate", [99.9961, 99.997, 99.99999, 100.0001, 100.001, 100.0039])
def test_ecg_at_nearly_100_hertz_is_not_changed(rate):
    ecg = np.random.default_rng(0).normal(size=(1000, 12))
    assert resample(ecg, rate) is ecg
    assert not is_resampled(rate)
    assert resampled_length(1000, rate) == 1000
    assert abs(1000 / rate - 1000 / 100) < 5e-4  # seconds, of the last sample


@settings(max_examples=40, deadline=None)
@given(
    st.one_of(
        st.floats(50, 20_000),
        st.floats(-1e-4, 1e-4).map(lambda part: 100 * (1 + part)),
        st.sampled_from([99.995, 99.996, 100.004, 100.005, 19_999.99, 50.0001, 99.99, 100.01]),
    )
)
def test_every_sampling_rate_is_resampled(rate):
    recorded = sine(7, rate, seconds=2)
    found = resample(recorded, rate)
    assert len(found) == resampled_length(len(recorded), rate)
    error = np.abs(found - sine(7, 100, seconds=3)[: len(found)])[MARGIN * 2 : -MARGIN * 2]
    assert error.max() < 1e-2


@pytest.mark.parametrize("rate", [128, 360, 500])
def test_large_offset_adds_no_ripple(rate):
    ecg = sine(7, rate)
    np.testing.assert_allclose(resample(ecg + 300, rate) - 300, resample(ecg, rate), atol=1e-3)
    assert np.ptp(resample(np.full((rate * 10, 1), 300.0), rate)) == 0


@pytest.mark.parametrize("rate", [250, 500, 1000])
def test_wandering_baseline_has_no_artefacts_at_the_ends(rate):
    ramp = np.linspace(-1, 1, rate * 10, endpoint=False)[:, None]
    expected = np.linspace(-1, 1, 1000, endpoint=False)[:, None]
    np.testing.assert_allclose(resample(ramp, rate), expected, atol=2e-3)


def test_missing_sample_affects_less_than_a_fifth_of_a_second():
    ecg = sine(7, 500)
    ecg[2500] = np.nan
    lost = np.flatnonzero(np.isnan(resample(ecg, 500)))
    assert lost.min() >= 500 - 20
    assert lost.max() <= 500 + 20
    ecg[0], ecg[-1] = np.inf, np.nan
    assert np.isfinite(resample(ecg, 500)[50:450]).all()


def test_missing_lead_does_not_affect_the_others():
    ecg = np.hstack([sine(7, 500), np.full((5000, 1), np.nan)])
    found = resample(ecg, 500)
    assert np.isnan(found[:, 1]).all()
    np.testing.assert_array_equal(found[:, :1], resample(sine(7, 500), 500))


@settings(max_examples=40)
@given(rates, st.integers(2, 3000))
def test_length_is_that_of_the_recorded_time(rate, samples):
    count = resampled_length(samples, rate)
    assert len(resample(np.ones((samples, 1)), rate)) == (samples if rate == 100 else count)
    assert (count - 1) / 100 <= (samples - 1) / rate + 1 / rate + 1e-6
    assert count / 100 >= samples / rate - 1e-6
