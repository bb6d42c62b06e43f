"""How often the bootstrap's intervals hold the truth, in a simulation.

    PYTHONPATH=. python tests/coverage_of_intervals.py SAMPLES PATIENTS

A world of patients with one to three records each. A patient has a class or has not, in all of his
records; his records' scores resemble each other, because half of their variance is the patient's.
The truth is measured on very many patients; then small samples are drawn, each with its intervals,
and it is counted how many intervals hold the truth.
"""

import sys

import numpy as np
from scipy.special import expit

from ecg_tf.evaluation.bootstrap import draw_patients, intervals, resample
from ecg_tf.evaluation.metrics import METRICS, summarize

CLASSES = ("MI", "STTC", "CD", "HYP")
PREVALENCES = (0.25, 0.24, 0.23, 0.12)  # about PTB-XL's
THRESHOLDS = np.array([0.4, 0.5, 0.5, 0.3])
DISTANCE = 1.7  # of the scores of positives and negatives, in standard deviations: AUROC 0.88


def world(patients, generator):
    """Labels, probabilities and patient numbers of the records of so many patients."""
    number = np.repeat(np.arange(patients), generator.choice(3, patients, p=(0.85, 0.1, 0.05)) + 1)
    labels = (generator.random((patients, 4)) < PREVALENCES)[number]
    of_patient = generator.normal(size=(patients, 4))[number]
    noise = np.sqrt(0.5) * (of_patient + generator.normal(size=labels.shape))
    return labels, expit(1.5 * (DISTANCE * (labels - 0.5) + noise)), number


def coverage(samples, patients, draws, seed=0):
    """Share of intervals that hold the truth, (row, metric) without NORM's scores (NaN left out).

    Args:
        samples: how many samples.
        patients: in each sample.
        draws: of the bootstrap, in each sample.
        seed: of everything.
    """
    generator = np.random.default_rng(seed)
    labels, probabilities, _ = world(400_000, generator)
    truth = summarize(labels, probabilities, THRESHOLDS, CLASSES)[list(METRICS)].to_numpy()
    hits = np.zeros(truth.shape)
    for sample in range(samples):
        labels, probabilities, number = world(patients, generator)
        weights = draw_patients(labels, number, draws, seed=sample)
        low, high = intervals(resample(labels, probabilities, THRESHOLDS, weights))
        hits += (low <= truth) & (truth <= high)
    return (hits / samples)[~np.isnan(truth)]


if __name__ == "__main__":
    shares = coverage(samples=int(sys.argv[1]), patients=int(sys.argv[2]), draws=1000)
    print(f"lowest {shares.min():.3f}, mean {shares.mean():.3f}, highest {shares.max():.3f}")
    print(f"{np.mean((shares >= 0.93) & (shares <= 0.97)):.0%} of {shares.size} in 93–97 %")
