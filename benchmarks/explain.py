#!/usr/bin/env python3
"""Do explanations find the abnormal beat?

python benchmarks/explain.py -path_model runs/gru_attention

In simulated ECGs one beat among normal ones is abnormal. Each beat is given what the explanation
says for the class within its window, all leads together, and the question is whether the abnormal
one comes first. Windows meet 35 % of the interval before an R peak, which is before the P wave.
"""

import numpy as np
from absl import flags

from ecg_tf.commands import app
from ecg_tf.data.synthetic.simulator import simulate_one_abnormal_beat
from ecg_tf.leads import SAMPLING_RATE

_RUN = flags.DEFINE_string("path_model", None, "a run folder", required=True)
_RECORDS = flags.DEFINE_integer("records", 100, "of each class", lower_bound=1)


def main(_):
    from ecg_tf.explain.explanation import explain
    from ecg_tf.runs.ecg_classifier import ECGClassifier
    from ecg_tf.runs.run_folder import RunFolder

    classifier = ECGClassifier(RunFolder.open(_RUN.value))
    print("class  method                 records  abnormal first  decided for  of those  by chance")
    for k, name in enumerate(classifier.class_names):
        decided, beats, first = [], [], {}
        for record in range(_RECORDS.value):
            ecg, r_times, abnormal = simulate_one_abnormal_beat(
                name, np.random.default_rng([k, record])
            )
            decided.append(bool(classifier.predict(ecg[None])["decisions"][0, k]))
            beats.append(len(r_times))
            looked_at = np.asarray(classifier.clean(ecg[None])[0])[0]
            for view in explain(classifier.network, classifier.input_spec, looked_at, k):
                found = beat_scores(view, r_times).argmax() == abnormal
                first.setdefault(view.method, []).append(found)
        for method, found in first.items():
            of_decided = np.mean(np.array(found)[decided]) if any(decided) else np.nan
            print(
                f"{name:5}  {method:21}  {len(found):7}  {np.mean(found):14.0%}  "
                f"{np.mean(decided):11.0%}  {of_decided:8.0%}  {np.mean(1 / np.array(beats)):9.0%}"
            )


def beat_scores(view, r_times):
    """What a `View` says for its class in each beat; `r_times` in seconds."""
    evidence = np.maximum(view.smooth().sum(axis=1), 0)
    intervals = np.diff(r_times)
    intervals = np.append(intervals, intervals[-1])
    starts = r_times - 0.35 * np.append(intervals[0], intervals[:-1])
    ends = np.append(starts[1:], r_times[-1] + 0.65 * intervals[-1])
    windows = np.rint(np.stack([starts, ends], axis=1) * SAMPLING_RATE).astype(int).clip(0)
    return np.array([evidence[start:end].sum() for start, end in windows])


if __name__ == "__main__":
    app.run(main)
