#!/usr/bin/env python3
"""Do explanations find the abnormal beat? A network is trained on simulated ECGs and then asked.

python benchmarks/explain.py -model gru_attention -hidden_size 32
python benchmarks/explain.py -model alexnet -nb_filters 4

In the ECGs one beat among normal ones is abnormal. Each beat is given what the explanation says in
its window, all leads together, and the question is whether the abnormal one comes first. Windows
meet 35 % of the interval before an R peak, which is before the P wave.
"""

import keras
import numpy as np
from absl import flags

from ecg_tf import app
from ecg_tf.data.synthetic import simulate_ecg, simulate_one_abnormal_beat
from ecg_tf.leads import DEFAULT_LEADS, SAMPLES, SAMPLING_RATE, lead_indices
from ecg_tf.method import CHANNELS, IMAGE_SIZE

CLASSES = ("MI", "CD")

_MODEL = flags.DEFINE_string("model", None, "a signal or an image network", required=True)
_HYPERPARAMETERS = [
    flags.DEFINE_integer(name, None, "of the network")
    for name in ("hidden_size", "num_layers", "nb_filters")
]
_SIZE = flags.DEFINE_integer("image_size", IMAGE_SIZE, "height and width of the images")
_RECORDS = flags.DEFINE_integer("records", 1500, "trained on; a third is normal")
_EPOCHS = flags.DEFINE_integer("epochs", 12, "of training")
_RATE = flags.DEFINE_float("learning_rate", 0.001, "of Adam")
_MEASURED = flags.DEFINE_integer("measured", 100, "records of each class to be explained")


def main(_):
    from ecg_tf.explain.explanation import explain
    from ecg_tf.models import find, front

    keras.utils.set_random_seed(42)
    entry = find(_MODEL.value)
    layer = front(entry.takes, CHANNELS, _SIZE.value)
    network, thresholds = trained_network(entry, layer)
    print("class  records  decided for  abnormal beat first  of those decided for  by chance")
    for k, name in enumerate(CLASSES):
        rng = np.random.default_rng([3, k])
        found = []  # of each record: decided for, abnormal beat first, share of a beat
        for _ in range(_MEASURED.value):
            ecg, r_times, abnormal = simulate_one_abnormal_beat(name, rng)
            ecg = ecg[:, lead_indices(DEFAULT_LEADS)]
            logit = network(layer(ecg[None]))[0, k]
            (view,) = explain(network, entry.takes, layer, ecg, k)
            scores = beat_scores(view.relevance, r_times)
            decided = float(keras.ops.sigmoid(logit)) >= thresholds[k]
            found.append((decided, scores.argmax() == abnormal, 1 / len(scores)))
        decided, first, chance = np.array(found, float).T
        print(
            f"{name:5}  {len(first):7d}  {decided.mean():11.1%}  {first.mean():19.1%}  "
            f"{first[decided > 0].mean():20.1%}  {chance.mean():9.1%}"
        )


def trained_network(entry, layer):
    """A network trained on such ECGs, and its thresholds, chosen on others."""
    from ecg_tf.evaluation.thresholds import gmean_thresholds
    from ecg_tf.models import build, from_ecg

    size = _SIZE.value
    image = (size, size, len(DEFAULT_LEADS) * len(CHANNELS))
    shape = image if entry.takes == "image" else (SAMPLES, len(DEFAULT_LEADS))
    chosen = {flag.name: flag.value for flag in _HYPERPARAMETERS}
    network = build(_MODEL.value, shape, len(CLASSES), **chosen)
    model = from_ecg(network, layer, len(DEFAULT_LEADS))
    model.compile(
        keras.optimizers.Adam(_RATE.value, clipnorm=1.0),
        keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[keras.metrics.AUC(multi_label=True, from_logits=True)],
    )
    dev, dev_labels = simulated(300, np.random.default_rng(2))
    model.fit(
        *simulated(_RECORDS.value, np.random.default_rng(1)),
        batch_size=32,
        epochs=_EPOCHS.value,
        validation_data=(dev, dev_labels),
        verbose=2,
    )
    probabilities = np.asarray(keras.ops.sigmoid(model.predict(dev, verbose=0)))
    return network, gmean_thresholds(dev_labels, probabilities, CLASSES)


def simulated(records, rng):
    """Ecgs (record, time, lead), in turn of each class and normal, and labels (record, class)."""
    names = [(*CLASSES, None)[k % (len(CLASSES) + 1)] for k in range(records)]
    ecgs = [
        simulate_one_abnormal_beat(name, rng)[0] if name else simulate_ecg([], rng)
        for name in names
    ]
    labels = [[name == other for other in CLASSES] for name in names]
    return np.stack(ecgs)[:, :, lead_indices(DEFAULT_LEADS)], np.array(labels, np.float32)


def beat_scores(relevance, r_times):
    """The sum of `relevance` (time, lead) over each beat's window; `r_times` in seconds."""
    intervals = np.diff(r_times)
    intervals = np.append(intervals, intervals[-1])
    starts = r_times - 0.35 * np.append(intervals[0], intervals[:-1])
    ends = np.append(starts[1:], r_times[-1] + 0.65 * intervals[-1])
    windows = np.rint(np.stack([starts, ends], axis=1) * SAMPLING_RATE).astype(int).clip(0)
    return np.array([relevance[start:end].sum() for start, end in windows])


if __name__ == "__main__":
    app.run(main)
