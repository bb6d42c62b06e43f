#!/usr/bin/env python3
"""Measure how often explanations find the abnormal beat.

python benchmarks/explain.py -path_model runs/gru_attention

In simulated ECGs with one abnormal beat, the evidence for the class is summed over the window of
each beat and over all leads. The tables show how often the abnormal beat has the largest sum. The
window of a beat starts before its P wave, 35 % of the RR interval before its R peak.
"""

import numpy as np
from absl import flags

from ecg_tf.commands import app
from ecg_tf.data.synthetic.simulator import simulate_one_abnormal_beat
from ecg_tf.leads import SAMPLING_RATE

_RUN = flags.DEFINE_string("path_model", None, "run folder", required=True)
_RECORDS = flags.DEFINE_integer("records", 100, "number of records of each class", lower_bound=1)


def main(_):
    from ecg_tf.explain.explanation import explain
    from ecg_tf.runs.ecg_classifier import ECGClassifier
    from ecg_tf.runs.run_folder import RunFolder

    classifier = ECGClassifier(RunFolder.open(_RUN.value))
    print("class  method                 records  abnormal first    predicted  of those  by chance")
    for k, name in enumerate(classifier.class_names):
        decided, beats, first = [], [], {}
        for record in range(_RECORDS.value):
            ecg, r_times, abnormal = simulate_one_abnormal_beat(
                name, np.random.default_rng([k, record])
            )
            decided.append(bool(classifier.predict(ecg[None])["decisions"][0, k]))
            beats.append(len(r_times))
            cleaned = np.asarray(classifier.clean(ecg[None])[0])[0]
            for view in explain(classifier.network, classifier.input_spec, cleaned, k):
                found = beat_scores(view, r_times).argmax() == abnormal
                first.setdefault(view.method, []).append(found)
        for method, found in first.items():
            of_decided = np.mean(np.array(found)[decided]) if any(decided) else np.nan
            print(
                f"{name:5}  {method:21}  {len(found):7}  {np.mean(found):14.0%}  "
                f"{np.mean(decided):11.0%}  {of_decided:8.0%}  {np.mean(1 / np.array(beats)):9.0%}"
            )


def beat_scores(view, r_times):
    """Sum the evidence of a `View` for its class over each beat; `r_times` in seconds."""
    evidence = np.maximum(view.smooth().sum(axis=1), 0)
    intervals = np.diff(r_times)
    intervals = np.append(intervals, intervals[-1])
    starts = r_times - 0.35 * np.append(intervals[0], intervals[:-1])
    ends = np.append(starts[1:], r_times[-1] + 0.65 * intervals[-1])
    windows = np.rint(np.stack([starts, ends], axis=1) * SAMPLING_RATE).astype(int).clip(0)
    return np.array([evidence[start:end].sum() for start, end in windows])


if __name__ == "__main__":
    app.run(main)
