"""Simulate 12-lead ECGs of normal hearts and of the four diagnostic classes.

The heart is one moving dipole (x to the left, y to the feet, z to the back; mV). A beat is a sum of
Gaussians in time, one per wave, each with its own direction. A disease changes the waves of a beat.
The sizes of the waves and of the changes are our own: the results resemble ECGs but are no clinical
reference.

References:
    McSharry et al. 2003, "A dynamical model for generating synthetic electrocardiogram signals",
    IEEE TBME 50(3):289-294, doi:10.1109/TBME.2003.808805.
    Sameni et al. 2007, "Multichannel ECG and noise modeling: application to maternal and fetal ECG
    signals", EURASIP J. Adv. Signal Process. 2007:43407, doi:10.1155/2007/43407 (the dipole).
"""

from collections.abc import Iterable, Sequence

import numpy as np

from ecg_tf.errors import InputError
from ecg_tf.leads import LEADS, SAMPLES, SAMPLING_RATE

# fmt: off
# Dower, Machado & Osborne 1980, "On deriving the electrocardiogram from vectorcardiographic leads",
# Clin. Cardiol. 3(2):87-95: the 8 independent leads from the Frank leads x, y, z.
INDEPENDENT_LEADS = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
DOWER = np.array([
    [0.632, -0.235, 0.059],
    [0.235, 1.066, -0.132],
    [-0.515, 0.157, -0.917],
    [0.044, 0.164, -1.387],
    [0.882, 0.098, -1.277],
    [1.213, 0.127, -0.601],
    [1.125, 0.127, -0.086],
    [0.831, 0.076, 0.230],
])

# One row per wave: centre (s after R, at 60 beats/min), width (standard deviation, s), x, y, z (mV)
NORMAL = {
    "P": (-0.160, 0.020, 0.07, 0.13, -0.01),
    "Q": (-0.024, 0.008, -0.12, 0.02, -0.28),
    "R": (0, 0.011, 1.00, 0.75, 0.30),
    "S": (0.026, 0.010, -0.05, -0.15, 0.75),
    "ST": (0.110, 0.045, 0.03, 0.03, -0.04),
    "T": (0.290, 0.050, 0.35, 0.20, -0.20),
}

# The changes of these rows by a diagnosis, an SCP code, at severity 1. The changes of several
# diagnoses are added.
CHANGES = {
    # Infarction: the dead wall generates no force (Q points away from it); injury current towards
    # it
    "AMI": {"Q": (0, 0.004, 0, 0, 0.55), "R": (0, 0, -0.30, 0, 0.10),
            "ST": (0, 0.010, 0, 0, -0.30)},
    "ASMI": {"Q": (0, 0.004, 0.10, 0, 0.50), "ST": (0, 0.010, -0.10, 0, -0.25)},
    "IMI": {"Q": (-0.004, 0.005, 0, -0.55, 0), "ST": (0, 0.010, -0.05, 0.25, 0.12),
            "T": (0, 0, 0, -0.15, 0)},
    # Inverted T, ST depression, or both
    "NDT": {"T": (0, 0, -0.50, -0.38, 0.28)},
    "NST_": {"ST": (0, 0.010, -0.20, -0.18, 0.10), "T": (0, 0, -0.20, -0.12, 0.10)},
    "ISC_": {"ST": (0, 0, -0.15, -0.12, 0.10), "T": (0, 0, -0.75, -0.50, 0.45)},
    # Left bundle branch block: septum and left wall are activated late and slowly; T is opposite
    "CLBBB": {"Q": (0, 0.006, 0.45, 0.05, 0.50), "R": (0.020, 0.009, -0.10, -0.35, 0.90),
              "S": (0.045, 0.010, 0.70, 0.15, 0.20), "ST": (0.050, 0, -0.25, -0.10, -0.15),
              "T": (0.040, 0, -0.75, -0.35, -0.15)},
    # Right bundle branch block: the right wall is activated last, to the right and to the front
    "CRBBB": {"S": (0.050, 0.016, -0.75, 0.10, -1.35), "ST": (0.030, 0, 0, 0, 0.08),
              "T": (0.030, 0, 0, 0, 0.40)},
    # Left ventricular hypertrophy: larger forces to the left and back, and strain
    "LVH": {"R": (0, 0.001, 0.75, 0.15, 0.50), "S": (0, 0.001, 0.20, 0, 1.10),
            "ST": (0, 0, -0.14, -0.08, -0.10), "T": (0, 0, -0.65, -0.30, -0.20)},
}
CODES = {
    "MI": ("AMI", "ASMI", "IMI"),
    "STTC": ("NDT", "NST_", "ISC_"),
    "CD": ("CLBBB", "CRBBB"),
    "HYP": ("LVH",),
}
# fmt: on
DURATION = SAMPLES / SAMPLING_RATE  # s


def simulate_ecg(classes: Iterable[str], rng: np.random.Generator) -> np.ndarray:
    """Simulate an ECG of the given classes.

    Heart rate, electrical axis, amplitude, waves, severity and noise are random. If a class has
    several forms (MI: anterior, anteroseptal, inferior), one of them is drawn.

    Args:
        classes: class names among "MI", "STTC", "CD" and "HYP"; empty for a normal ECG.
        rng: a numpy random generator.

    Returns:
        float32 (1000, 12) millivolt at 100 Hz, leads in the order of `ecg_tf.leads.LEADS`.

    Raises:
        InputError: an unknown class.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.data.synthetic.simulator import simulate_ecg
        >>> ecg = simulate_ecg(["MI", "HYP"], np.random.default_rng(0))
        >>> ecg.shape, ecg.dtype
        ((1000, 12), dtype('float32'))
    """
    return simulate_codes(draw_codes(classes, rng), rng)


def simulate_one_abnormal_beat(
    name: str, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, int]:
    """Simulate an ECG of a normal heart in which a single random beat has the class `name`.

    Such an ECG does not occur in patients. It tests whether an explanation marks the beat that
    determines the prediction.

    Args:
        name: a class of `simulate_ecg`.
        rng: a numpy random generator.

    Returns:
        ecg: float32 (1000, 12), as returned by `simulate_ecg`.
        r_times: float64 (beat,), times of the R peaks within the record, seconds.
        abnormal: index of the abnormal beat in `r_times`. The beat lies completely within the
            record, with its P wave and T wave.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.data.synthetic.simulator import simulate_one_abnormal_beat
        >>> _, r_times, abnormal = simulate_one_abnormal_beat("CD", np.random.default_rng(0))
        >>> bool(0.4 < r_times[abnormal] < 9.3)
        True
    """
    codes = draw_codes([name], rng)
    breath, r_times, intervals = _rhythm(rng)
    normal, diseased = _waves(codes, rng)
    beats = np.stack([normal] * len(r_times))
    abnormal = rng.choice(np.flatnonzero((r_times > 0.4) & (r_times < DURATION - 0.7)))
    beats[abnormal] = diseased
    ecg = _ecg_of_beats(beats, breath, r_times, intervals, rng)
    inside = (r_times >= 0) & (r_times < DURATION)
    return ecg, r_times[inside], int(inside[:abnormal].sum())


def draw_codes(classes: Iterable[str], rng: np.random.Generator) -> list[str]:
    """Draw an SCP code for each class, in the order of `CODES`."""
    classes = set(classes)
    if unknown := sorted(classes - set(CODES)):
        raise InputError(f"class {unknown[0]!r}: expected one of {', '.join(CODES)}")
    return [str(rng.choice(codes)) for name, codes in CODES.items() if name in classes]


def simulate_codes(codes: Sequence[str], rng: np.random.Generator) -> np.ndarray:
    """Simulate an ECG (1000, 12) with the changes of these SCP codes in every beat."""
    breath, r_times, intervals = _rhythm(rng)
    _, diseased = _waves(codes, rng)
    return _ecg_of_beats(np.stack([diseased] * len(r_times)), breath, r_times, intervals, rng)


def _ecg_of_beats(
    beats: np.ndarray,
    breath: tuple[float, float],
    r_times: np.ndarray,
    intervals: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Compute the ECG (1000, 12) of beats (beat, wave, 5), whose rows are those of `NORMAL`."""
    time = np.arange(SAMPLES) / SAMPLING_RATE
    beats[:, :, 2:] *= rng.normal(1, 0.03, beats[:, :, 2:].shape)
    # The time of repolarisation scales with the square root of the interval (Bazett 1920).
    beats[:, -2:, 0] *= np.sqrt(intervals)[:, None]
    beats[:, :, 0] += r_times[:, None]

    centre, width, *_ = beats = beats.reshape(-1, 5).T
    dipole = np.exp(-0.5 * ((time[:, None] - centre) / width) ** 2) @ beats[2:].T  # (time, 3)
    return _twelve_leads(dipole @ DOWER.T + _noise(time, breath, rng))


def _rhythm(rng: np.random.Generator) -> tuple[tuple[float, float], np.ndarray, np.ndarray]:
    """Draw breathing (Hz, phase), times of R peaks (s), and the interval before each (s)."""
    breath = rng.uniform(0.15, 0.4), rng.uniform(0, 2 * np.pi)
    interval = 60 / np.clip(rng.normal(75, 13), 45, 120)
    frequency, phase = breath
    swing = rng.uniform(0, 0.06)  # respiratory sinus arrhythmia
    r_times, intervals = [rng.uniform(-2, -1) * interval], [interval]
    while r_times[-1] < DURATION:
        breathing = 1 + swing * np.sin(2 * np.pi * frequency * r_times[-1] + phase)
        intervals.append(interval * breathing * rng.normal(1, 0.015))
        r_times.append(r_times[-1] + intervals[-1])
    return breath, np.array(r_times), np.array(intervals)


def _waves(codes: Sequence[str], rng: np.random.Generator) -> np.ndarray:
    """Draw the waves of a heart without and with its diseases, (2, wave, 5)."""
    waves = np.array(list(NORMAL.values()))
    waves[:, 0] *= rng.normal(1, 0.05, len(waves))
    waves[:, 1] *= np.exp(rng.normal(0, 0.08, len(waves)))
    waves[:, 2:] *= np.exp(rng.normal(0, 0.18, (len(waves), 3)))
    waves = np.stack([waves, waves])
    for code in codes:
        severity = rng.uniform(0.35, 1.15)
        for wave, change in CHANGES.get(code, {}).items():
            waves[1, list(NORMAL).index(wave)] += severity * np.array(change)
    waves[..., 2:] *= np.exp(rng.normal(0, 0.2))
    x, y, z = 2, 3, 4
    for plane, spread in (((x, y), 15), ((x, z), 10)):  # frontal and horizontal axis, degrees
        angle = np.deg2rad(rng.normal(0, spread))
        cos, sin = np.cos(angle), np.sin(angle)
        waves[..., plane] = waves[..., plane] @ np.array([[cos, sin], [-sin, cos]])
    return waves


def _noise(time: np.ndarray, breath: tuple[float, float], rng: np.random.Generator) -> np.ndarray:
    """Draw baseline wander, muscle noise and mains hum of the independent leads, (time, 8) mV."""
    leads = len(INDEPENDENT_LEADS)
    muscle = np.exp(rng.normal(np.log(0.012), 0.5))
    noise = rng.normal(0, muscle, (len(time), leads))
    # Mains hum just below 50 Hz: exactly 50 Hz would alternate between two values at 100 Hz.
    drift, mains = (0.05, rng.uniform(0, 2 * np.pi)), (49.9, 0)
    for (frequency, phase), size in ((breath, 0.05), (drift, 0.05), (mains, 0.005)):
        wave = np.sin(2 * np.pi * frequency * time + phase)
        noise += wave[:, None] * rng.normal(0, size, leads)
    return noise


def _twelve_leads(independent: np.ndarray) -> np.ndarray:
    """Compute all 12 leads from the 8 independent ones (Einthoven's law, Goldberger's leads)."""
    lead = dict(zip(INDEPENDENT_LEADS, independent.T, strict=True))
    lead["III"] = lead["II"] - lead["I"]
    lead["AVR"] = -(lead["I"] + lead["II"]) / 2
    lead["AVL"] = (lead["I"] - lead["III"]) / 2
    lead["AVF"] = (lead["II"] + lead["III"]) / 2
    return np.stack([lead[name] for name in LEADS], axis=-1).astype(np.float32)
