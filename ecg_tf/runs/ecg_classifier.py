"""Prediction from raw ECGs by the network of a run."""

from keras import ops

from ecg_tf.layers import plausible_leads, without_offset
from ecg_tf.leads import lead_indices
from ecg_tf.models import from_ecg


class ECGClassifier:
    """The steps from a raw ECG to the decisions of a run.

    Args:
        run: a finished `RunFolder`.

    Attributes:
        class_names: list of str.
        leads: list of str, the leads that the network takes.
        simulated: True if the network was trained on simulated ECGs.
        input_spec: `ecg_tf.input_spec.InputSpec` of the network.
        network: keras.Model, the run's network.
        thresholds: float32 (class,); a class is predicted at probability ≥ threshold.
    """

    def __init__(self, run):
        metadata = run.metadata
        self.class_names = list(metadata.class_names)
        self.input_spec = metadata.input_spec
        self.leads = list(self.input_spec.leads)
        self.simulated = metadata.simulated
        self.network = run.inference_network()
        self.thresholds = run.thresholds.astype("float32")
        ecg_shape = self.input_spec.ecg_shape
        self._network_from_ecg = from_ecg(self.network, run.preprocessor(), ecg_shape)
        self._columns = lead_indices(self.leads)

    @property
    def description(self):
        """What an export states, as JSON can hold it: see `ecg_tf.export.description`."""
        return {
            "class_names": self.class_names,
            "thresholds": self.thresholds.tolist(),
            "leads": self.leads,
            "simulated": self.simulated,
            "sampling_rate": self.input_spec.sampling_rate,
            "samples": self.input_spec.samples,
        }

    def predict(self, ecg_mv):
        """Predict from raw ECGs. A constant offset of a lead has no effect.

        Args:
            ecg_mv: float32 (batch, time, 12), millivolt, at the sampling rate and of the length of
                `input_spec`, unfiltered, leads in PTB-XL's order (`ecg_tf.leads.LEADS`).

        Returns:
            A dictionary of `probabilities` float32 (batch, class), `decisions` int32 (batch, class)
            and `valid` bool (batch,). `valid` is False where a lead that the network takes cannot
            be an ECG (see `ecg_tf.plausibility`). That lead is replaced by zeros, so that the
            probabilities are finite, but they mean nothing.
        """
        ecg, plausible = self.clean(ecg_mv)
        valid = ops.all(plausible, axis=1)
        return {**self._decide(self._network_from_ecg(ecg, training=False)), "valid": valid}

    def clean(self, ecg_mv):
        """Select the leads that the network takes, and remove their offsets.

        Args:
            ecg_mv: as for `predict`.

        Returns:
            ecg: float32 (batch, time, lead) of `leads`: each with mean 0, or 0 throughout if it
                cannot be an ECG.
            plausible: bool (batch, lead), True for each lead that may be an ECG.
        """
        ecg = ops.take(ecg_mv, self._columns, axis=2)
        plausible = plausible_leads(ecg, self.input_spec.seconds)
        return ops.where(plausible[:, None], without_offset(ecg), 0.0), plausible

    def predict_from_input(self, x):
        """Predict from the input of the network itself.

        Args:
            x: float32 (batch, *input_spec.shape): images in [0, 1], scaled signals, or ECGs of
                `leads` in millivolt.

        Returns:
            As for `predict`, without `valid`.
        """
        return self._decide(self.network(x, training=False))

    def _decide(self, logits):
        probabilities = ops.sigmoid(logits)
        decisions = ops.cast(probabilities >= self.thresholds, "int32")
        return {"probabilities": probabilities, "decisions": decisions}
