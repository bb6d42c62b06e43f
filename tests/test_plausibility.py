"""Checks for signals that cannot be an ECG, in numpy and as operations of a network."""

import keras
import numpy as np
import pytest

from ecg_tf.data.synthetic import simulate_ecg
from ecg_tf.layers import plausible_leads, without_offset
from ecg_tf.leads import LEADS
from ecg_tf.plausibility import problem, without_problems
from ecg_tf.shipping.check_ecg import check_ecg

TIME = np.arange(1000) / 100
RNG = np.random.default_rng(0)
LEAD = simulate_ecg(("MI",), np.random.default_rng(1))[:, 1].astype(np.float64)


def sample(value, lead=LEAD):
    return np.where(np.arange(len(lead)) == len(lead) // 2, value, lead)


GOOD = {
    "an ECG": LEAD,
    "an offset of 300 mV": LEAD + 300,
    "a small ECG": 0.1 * LEAD / np.ptp(LEAD),
    "a large artefact": sample(20),
    "a sample of 9.999 mV behind an offset": sample(9.999, LEAD - LEAD.max() + 9.999),
    "an electrode off for 1.7 s": np.where(TIME < 8.3, LEAD, LEAD[830]),
    "steps of 5 uV": np.round(LEAD / 0.005) * 0.005,
    "steps of 10 uV": np.round(LEAD / 0.01) * 0.01,
    "an ECG without noise": check_ecg()[:, 1],
    "an ECG without noise, in steps of 1 uV": check_ecg()[:, 1].round(3),
    "the same with a baseline at the highest value": -check_ecg()[:, 1].round(3) + 5,
    "a tone": np.sin(2 * np.pi * 5 * TIME),
}
BAD = {
    "flat": (np.full(1000, 0.3), "lead II is flat, and it is an input of the network"),
    "NaN": (sample(np.nan), "1 of 1000 samples of II are missing or not finite"),
    "infinite": (sample(-np.inf), "1 of 1000 samples of II are missing or not finite"),
    "the largest float32": (sample(3.4e38), "range of 3.4e+38 mV, expected at most 50 mV"),
    "both largest float32": (np.r_[-3.4e38, sample(3.4e38)[1:]], "range of 6.8e+38 mV"),
    "1e30": (sample(1e30), "range of 1e+30 mV, expected at most 50 mV"),
    "-9999": (sample(-9999), "mV, expected at most 50 mV: are the unit and the gain right"),
    "microvolt": (1000 * LEAD, "expected at most 50 mV: are the unit and the gain right"),
    "volt": (LEAD / 1000, "expected at least 0.01 mV: are the unit and the gain right"),
    "-32768 uV": (sample(-32.768), "lead II holds -32.768 mV, which marks a missing sample"),
    "32767 uV": (sample(32.767), "lead II holds 32.767 mV, which marks a missing sample"),
    "-9999 uV": (sample(-9.999), "lead II holds -9.999 mV, which marks a missing sample"),
    "7 s and zeros": (np.where(TIME < 7, LEAD, 0), "does not change in 30% of the recording"),
    "7 s and its last value": (LEAD[np.minimum(np.arange(1000), 699)], "in 30% of the recording"),
    "zeros, 7 s, zeros": (np.where(abs(TIME - 5) < 3.5, LEAD, 0), "in 28% of the recording"),
    "0.02 s": (np.where(TIME < 0.02, LEAD, 0), "does not change in 98% of the recording"),
    "1 s and noise of 1 uV": (
        np.where(TIME < 1, LEAD, RNG.integers(0, 2, 1000) / 1000),
        "does not change in 90% of the recording, expected less than 20%: is it padded",
    ),
    "clipped above": (
        np.minimum(LEAD, np.quantile(LEAD, 0.2) + 0.2 * np.ptp(LEAD)),
        "at its lowest or highest value in ",
    ),
    "clipped": (
        np.clip(LEAD, *np.quantile(LEAD, [0.1, 0.9])),
        "at its lowest or highest value in ",
    ),
}


@pytest.mark.parametrize("samples", GOOD.values(), ids=GOOD)
def test_possible_ecg_has_no_problem(samples):
    assert problem(samples, "II") is None


@pytest.mark.parametrize(("samples", "words"), BAD.values(), ids=BAD)
def test_problem_of_an_impossible_ecg_is_described(samples, words):
    assert words in problem(samples, "II")


@pytest.mark.parametrize("rate", [200, 500, 1000])
def test_limits_are_the_same_at_every_sampling_rate(rate):
    def at_rate(samples):
        return np.repeat(samples, rate // 100)  # sample and hold

    for name, (samples, words) in BAD.items():
        found = problem(at_rate(samples), "II")
        assert found is not None, name
        if "of 1000" not in words:
            assert words in found
    fine = np.interp(np.arange(10 * rate) / rate, TIME, LEAD)
    assert problem(fine, "II") is None


def test_network_operations_agree_with_problem():
    with np.errstate(over="ignore"):
        named = {**GOOD, **{name: samples for name, (samples, _) in BAD.items()}}
        named = {n: s.astype(np.float32) for n, s in named.items() if len(s) == 1000}
    ecg = np.stack(list(named.values()))
    as_batch = keras.ops.convert_to_numpy(plausible_leads(ecg[:, :, None]))[:, 0]
    as_leads = keras.ops.convert_to_numpy(plausible_leads(ecg.T[None]))[0]
    expected = [problem(samples, "II") is None for samples in named.values()]
    assert dict(zip(named, as_batch.tolist(), strict=True)) == dict(
        zip(named, expected, strict=True)
    )
    np.testing.assert_array_equal(as_leads, as_batch)


@pytest.mark.parametrize(("rate", "samples"), [(500, 5000), (250, 1000), (257, 643), (100, 6000)])
def test_network_operations_agree_with_problem_at_any_length(rate, samples):
    seconds = samples / rate
    time = np.arange(samples) / rate
    fine = np.interp(time, TIME, LEAD, period=10).astype(np.float32)
    gone = np.where((time > 0.3) & (time < 1.55), fine[0], fine)  # flat for 1.25 s
    gap = np.where((time > 0.3) & (time < 1.1), fine[0], fine)  # for less than 5 parts
    found = [problem(lead, "II", seconds) for lead in (fine, gone, gap)]
    assert (found[0], found[2]) == (None, None)
    assert (found[1] is None) == (seconds > 6.25)
    ecg = np.stack([fine, gone, gap], axis=1)[None]
    plausible = keras.ops.convert_to_numpy(plausible_leads(ecg, seconds))
    assert plausible.tolist() == [[words is None for words in found]]


@pytest.mark.parametrize("offset", [5, 50, -300])
def test_offset_is_removed_completely(offset):
    ecg = RNG.normal(size=(2, 1000, 3)).astype(np.float32)
    moved = ecg + np.float32(offset)
    found = keras.ops.convert_to_numpy(without_offset(moved))
    expected = moved.astype(np.float64) - moved.astype(np.float64).mean(axis=1, keepdims=True)
    np.testing.assert_allclose(found, expected, atol=5e-6)
    np.testing.assert_allclose(found, ecg - ecg.mean(axis=1, keepdims=True), atol=3e-5)


def test_implausible_leads_become_zeros_and_the_others_stay():
    ecg = RNG.normal(size=(3, 1000, 12)).astype(np.float32)
    ecg[1, 5, LEADS.index("V2")] = np.nan
    ecg[1, :, LEADS.index("II")] *= 1000
    ecg[2, :, LEADS.index("V3")] = np.nan  # not checked
    before = ecg.copy()
    found, problems = without_problems(ecg, LEADS, ("I", "II", "V2"))
    np.testing.assert_array_equal(ecg, before)
    assert (problems[0], problems[2]) == ("", "")
    assert problems[1].startswith("lead II has a range of ")
    expected = before.copy()
    expected[1][:, [1, 7]] = 0
    np.testing.assert_array_equal(found, expected)


@pytest.mark.ptbxl
def test_real_records_have_no_problem(ptbxl_folder):
    from ecg_tf.data.ecg_files.wfdb_record import read_record

    paths = sorted(ptbxl_folder.glob("records100/**/*.hea"))
    assert len(paths) >= 200
    for path in paths[:300]:
        for lead, samples in zip(LEADS, read_record(path.with_suffix("")).ecg.T, strict=True):
            assert problem(samples, lead) is None, path
