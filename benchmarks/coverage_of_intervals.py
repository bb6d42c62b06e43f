"""Measure how often the bootstrap intervals contain the true value, in a simulation.

    PYTHONPATH=. python benchmarks/coverage_of_intervals.py

Simulated patients have one to three records each. A patient has a class in all records or in none.
The scores of the records of a patient are correlated: half of their variance is between patients.
The true values are measured on very many patients. Then small samples are drawn, with intervals
for each, and the intervals that contain the true value are counted.

With the settings below, the 95 % intervals contain the true value 94.5 % of the time on average: 71
of 74 between 93 and 97 % (± 0.7 % each); the others are the sensitivities of HYP and STTC, 92.7 %,
and the NPV of HYP, 92.2 %.
"""

import numpy as np
from scipy.special import expit

from ecg_tf.evaluation.bootstrap import draw_patients, intervals, resample
from ecg_tf.evaluation.metrics import METRICS
from ecg_tf.evaluation.summary import summarize

CLASSES = ("MI", "STTC", "CD", "HYP")
PREVALENCES = (0.25, 0.24, 0.23, 0.12)  # about PTB-XL's
THRESHOLDS = np.array([0.4, 0.5, 0.5, 0.3])
DISTANCE = 1.7  # between the scores of positives and negatives, standard deviations: AUROC 0.88


def world(patients, generator):
    """Simulate the records of patients: labels, probabilities and patient numbers."""
    number = np.repeat(np.arange(patients), generator.choice(3, patients, p=(0.85, 0.1, 0.05)) + 1)
    labels = (generator.random((patients, 4)) < PREVALENCES)[number]
    of_patient = generator.normal(size=(patients, 4))[number]
    noise = np.sqrt(0.5) * (of_patient + generator.normal(size=labels.shape))
    return labels, expit(1.5 * (DISTANCE * (labels - 0.5) + noise)), number


def coverage(samples, patients, draws, seed=0):
    """Compute the share of the intervals that contain the true value.

    Args:
        samples: number of samples.
        patients: number of patients in each sample.
        draws: number of bootstrap draws for each sample.
        seed: seed of the random numbers.

    Returns:
        DataFrame with the rows and metrics of a summary; NaN for undefined numbers.
    """
    generator = np.random.default_rng(seed)
    labels, probabilities, _ = world(400_000, generator)
    truth = summarize(labels, probabilities, THRESHOLDS, CLASSES)[list(METRICS)]
    hits = 0 * truth
    for sample in range(samples):
        labels, probabilities, number = world(patients, generator)
        weights = draw_patients(labels, number, draws, seed=sample)
        low, high = intervals(resample(labels, probabilities, THRESHOLDS, weights))
        hits += (low <= truth) & (truth <= high)  # NaN stays NaN
    return hits / samples


if __name__ == "__main__":
    shares = coverage(samples=1000, patients=600, draws=1000)
    print(shares.round(3).to_string())
    numbers = shares.stack().dropna()
    print(f"lowest {numbers.min():.3f}, mean {numbers.mean():.3f}, highest {numbers.max():.3f}")
    print(f"{numbers.between(0.93, 0.97).sum()} of {numbers.size} in 93–97 %")
