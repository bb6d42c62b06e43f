"""Explanation of the prediction of a run for a record."""

import os
from pathlib import Path

import keras
import numpy as np
from absl import logging
from matplotlib.figure import Figure

from ecg_tf.data.any_ecg import read_12_leads
from ecg_tf.data.ecg_files.wfdb_record import standard_ecg
from ecg_tf.data.images.pyts_images import check_ecg
from ecg_tf.errors import InputError, RecordError
from ecg_tf.explain.drawing import ExplainedPrediction, draw_explanation
from ecg_tf.explain.explanation import explain
from ecg_tf.layers import Bandpass
from ecg_tf.leads import lead_indices
from ecg_tf.plausibility import problem
from ecg_tf.plots.png import check_png, write_png
from ecg_tf.runs.ecg_classifier import ECGClassifier
from ecg_tf.runs.precision import disable_tf32
from ecg_tf.runs.run_folder import RunFolder


def explain_record(
    path: str | os.PathLike,
    path_model: str | os.PathLike,
    class_name: str,
    out: str | os.PathLike,
    **how: object,
) -> None:
    """Draw which parts of a record influenced the prediction of a class, as a PNG file.

    Args:
        path: an ECG of any readable kind: 12 leads, of the sampling rate and the length that the
            network takes.
        path_model: run folder, "pretrained:NAME" or "hf://OWNER/NAME".
        class_name: one of the classes of the run, predicted or not.
        out: path of the PNG file; its folder must exist. Written atomically.
        **how: further arguments of `ecg_tf.data.any_ecg.read_any`.

    Raises:
        InputError: the run is not finished, the class is unknown, or the path does not end in .png.
        RecordError: the record cannot be read, has other leads, another sampling rate or length, or
            an implausible lead among those that the network uses.
    """
    out = check_png(out)
    if (Path(path_model) / "saved_model.pb").is_file():
        raise InputError(
            f"{path_model}: a SavedModel, whose layers are not accessible; expected the run folder "
            "that it was exported from"
        )
    run = RunFolder.open(path_model)
    class_names = run.metadata.class_names
    if class_name not in class_names:
        raise InputError(
            f"class {class_name!r}: expected one of those of {path_model}: {', '.join(class_names)}"
        )
    record = read_12_leads(path, **how)
    spec = run.input_spec
    ecg_mv, leads = standard_ecg(record, spec.sampling_rate, spec.samples), spec.leads
    ecg = check_ecg(ecg_mv[:, lead_indices(leads)], leads, record.name)
    for lead, samples in zip(leads, ecg.T, strict=True):
        if found := problem(samples, lead, spec.seconds):
            raise RecordError(f"{record.name}: {found}")

    logging.info("%s: explaining the prediction of %s", record.name, class_name)
    disable_tf32()
    name = Path(record.name).name
    write_png(
        explain_ecg(ECGClassifier(run), ecg_mv, class_name, name, record.simulated),
        out,
    )


def explain_ecg(
    classifier: ECGClassifier, ecg_mv: np.ndarray, class_name: str, name: str, simulated: bool
) -> Figure:
    """Draw which parts of an ECG influenced the prediction of a class.

    Args:
        classifier: the `ECGClassifier` of a run.
        ecg_mv: float32 (time, 12), an ECG as the network takes it, see `ECGClassifier.predict`.
        class_name: one of the classes of the network, predicted or not.
        name: name of the ECG for the title.
        simulated: True for a simulated ECG.

    Returns:
        matplotlib.figure.Figure.
    """
    spec, k = classifier.input_spec, classifier.class_names.index(class_name)
    prediction = ExplainedPrediction(
        record=name,
        simulated=simulated,
        simulated_training=classifier.simulated,
        network=classifier.network.name,
        class_name=class_name,
        probability=float(classifier.predict(ecg_mv[None])["probabilities"][0, k]),
        threshold=float(classifier.thresholds[k]),
    )
    # The input of the classifier: the ECG without offsets.
    ecg = keras.ops.convert_to_numpy(classifier.clean(ecg_mv[None])[0])[0]
    views = explain(classifier.network, spec, ecg, k)
    filtered = keras.ops.convert_to_numpy(Bandpass(spec.sampling_rate)(ecg[None]))[0]
    return draw_explanation(prediction, filtered, spec.leads, views)
