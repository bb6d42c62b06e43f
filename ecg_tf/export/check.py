"""Comparison of an export with the run that it was made from."""

import dataclasses
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from ecg_tf.data.ecg_files.resample import resample
from ecg_tf.data.synthetic import simulate_ecg
from ecg_tf.errors import InputError
from ecg_tf.leads import LEADS, SAMPLES, SAMPLING_RATE
from ecg_tf.processes import child_environment
from ecg_tf.reports.formats import markdown_table

TOLERANCE = 1e-4  # of the probabilities
_ECGS = [(), ("MI",), ("STTC",), ("CD",), ("HYP",), ("MI", "CD"), ("STTC", "HYP"), ()]


@dataclasses.dataclass(frozen=True)
class Check:
    """Findings about an export whose predictions are those of its run.

    Attributes:
        form: its format.
        size: bytes of all its files.
        seconds: median time of a prediction for one ECG, on the CPU.
        difference: largest difference between its probabilities and those of the run.
    """

    form: str
    size: int
    seconds: float
    difference: float

    def table(self):
        """The same as a table for the terminal."""
        columns = {
            "format": self.form,
            "size, MB": f"{self.size / 1e6:.2f}",
            "ms per ECG": f"{self.seconds * 1e3:.1f}",
            "largest difference": f"{self.difference:.1e}",
        }
        return markdown_table(list(columns), [list(columns.values())])


def check_export(classifier, form, folder):
    """Compare the predictions of an export and of its run for `example_ecgs` and `spoilt_ecgs`.

    The export is loaded in a process that has its own runtime only.

    Args:
        classifier: the `ECGClassifier` of the run.
        form: format of the export.
        folder: of the export.

    Returns:
        `Check`.

    Raises:
        InputError: the export cannot be loaded, or its predictions are not those of the run.
    """
    signal = classifier.input_spec.sampling_rate, classifier.input_spec.samples
    ecg = np.concatenate([make(classifier.leads, *signal) for make in (example_ecgs, spoilt_ecgs)])
    expected = {key: np.asarray(value) for key, value in classifier.predict(ecg).items()}
    found = _predict_isolated(form, folder, ecg)
    valid = expected["valid"]
    difference = np.abs(found["probabilities"] - expected["probabilities"])[valid].max()
    decided = found["probabilities"] >= classifier.thresholds
    if not difference <= TOLERANCE:  # also if it is not a number
        raise InputError(
            f"the {form} export does not predict as the run does: its probabilities are up "
            f"to {difference:.1e} apart, expected {TOLERANCE:.0e} or less; it was not kept"
        )
    if not np.isfinite(found["probabilities"]).all():
        raise InputError(
            f"the {form} export gives probabilities that are no numbers for ECGs that are not "
            "valid; it was not kept"
        )
    for name, right in (("valid", valid), ("decisions", decided)):
        if not np.array_equal(found[name], right):
            raise InputError(f"the {form} export's {name} are wrong; it was not kept")
    size = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
    return Check(form, size, float(found["seconds"]), float(difference))


def example_ecgs(leads, sampling_rate=SAMPLING_RATE, samples=SAMPLES):
    """Simulated ECGs (record, samples, 12); in the last, the first of `leads` is flat.

    Args:
        leads: names of the leads that the network takes.
        sampling_rate: sampling rate that the network takes, Hz.
        samples: number of samples that the network takes. After 10 s, the ECGs are repeated.
    """
    rng = np.random.default_rng(42)
    ecgs = [simulate_ecg(classes, rng) for classes in _ECGS]
    ecgs = [resample(ecg, SAMPLING_RATE, sampling_rate) for ecg in ecgs]
    ecg = np.stack([np.resize(ecg, (samples, len(LEADS))) for ecg in ecgs]).astype(np.float32)
    ecg[-1, :, LEADS.index(leads[0])] = 0
    return ecg


def spoilt_ecgs(leads, sampling_rate=SAMPLING_RATE, samples=SAMPLES):
    """The first of `example_ecgs`, spoilt in several ways.

    Args:
        leads: names of the leads that the network takes.
        sampling_rate: sampling rate that the network takes, Hz.
        samples: number of samples that the network takes.

    Returns:
        float32 (10, samples, 12) millivolt. The first has an offset of 300 mV in each lead, and is
        valid. In the others the first of `leads` cannot be an ECG: constant, with a sample that is
        NaN, infinite, 3.4e38 or -32.768 mV, in microvolt, in volt, padded, clipped.
    """
    ecg = example_ecgs(leads, sampling_rate, samples)[0]
    column = LEADS.index(leads[0])
    lead = ecg[:, column]
    spoilt = [
        np.full_like(lead, 0.3),
        *(_with_sample(lead, value) for value in (np.nan, np.inf, 3.4e38, -32.768)),
        1000 * lead,
        lead / 1000,
        np.where(np.arange(len(lead)) < 0.7 * len(lead), lead, 0),
        np.clip(lead, *np.quantile(lead, [0.2, 0.8])),
    ]
    ecgs = np.stack([ecg + np.float32(300), *[ecg] * len(spoilt)])
    ecgs[1:, :, column] = spoilt
    return ecgs


def _with_sample(lead, value):
    lead = lead.copy()
    lead[len(lead) // 2] = value
    return lead


def _predict_isolated(form, folder, ecg):
    """The arrays that `ecg_tf.export.isolated` writes for an export."""
    # The child has the same packages, but no GPU: this process may hold its memory.
    environment = child_environment(CUDA_VISIBLE_DEVICES="-1")
    with tempfile.TemporaryDirectory() as scratch:
        inputs, outputs = Path(scratch) / "ecg.npy", Path(scratch) / "prediction.npz"
        np.save(inputs, ecg)
        command = [sys.executable, "-m", "ecg_tf.export.isolated", folder, inputs, outputs]
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        if done.returncode:
            lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
            raise InputError(f"the {form} export cannot be run: {lines[-1]}; it was not kept")
        return dict(np.load(outputs))
