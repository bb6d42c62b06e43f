"""12-lead ECGs to diagnoses with Keras 3: signals, images (GAF, MTF, RP) and their fusion.

Importing this package imports no framework; its rooms (`ecg_tf.data`, `ecg_tf.layers`,
`ecg_tf.models`, `ecg_tf.training`, `ecg_tf.evaluation`, `ecg_tf.export`) import what they need.
"""

from ecg_tf.version import __version__ as __version__


def load(path):
    """A trained network, to be asked about raw ECGs.

        model = ecg_tf.load("pretrained:NAME")
        answer = model(ecg_mv)  # (batch, 1000, 12) millivolt, 100 Hz, leads in PTB-XL's order
        answer["probabilities"], answer["decisions"]  # (batch, class) of model.class_names
        answer["valid"], answer["problems"]  # (batch,): False and the reason if it is no ECG

    Args:
        path: "pretrained:NAME", a shipped network (`ecg_tf.pretrained.names()` lists them), a run
            folder, or an export.

    Returns:
        `ecg_tf.predict.predictor.Predictor`.

    Raises:
        InputError: none of these.
    """
    from ecg_tf.predict.predictor import Predictor

    return Predictor(path)
