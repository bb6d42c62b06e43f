"""What a run says of an ECG, from the raw signal to the decision."""

from keras import ops

from ecg_tf.layers import plausible_leads, without_offset
from ecg_tf.leads import lead_indices
from ecg_tf.models import find


class ECGClassifier:
    """The whole way from a raw ECG to the decisions of a run.

    Args:
        run: a finished `RunFolder`.

    Attributes:
        class_names: list of str.
        leads: names of the leads that the network looks at.
        simulated: True if it was trained on simulated ECGs.
        input_kind: what the network itself looks at: "image", "signal" or "ecg" (millivolt).
        network: the run's network.
        thresholds: float32 (class,): decided for at probability ≥ threshold.
    """

    def __init__(self, run):
        about = run.about
        self.class_names, self.leads = about["class_names"], about["leads"]
        self.simulated = about["simulated"]
        self.input_kind = find(about["model"]).input_kind
        self.network = run.network()
        self.thresholds = run.thresholds.astype("float32")
        self._preprocessor = run.preprocessor()
        self._columns = lead_indices(self.leads)

    @property
    def description(self):
        """`class_names`, `thresholds`, `leads` and `simulated`, as JSON can hold them."""
        return {
            "class_names": self.class_names,
            "thresholds": self.thresholds.tolist(),
            "leads": self.leads,
            "simulated": self.simulated,
        }

    def from_ecg(self, ecg_mv):
        """Answer for raw ECGs, whatever the constant offset of each lead.

        Args:
            ecg_mv: float32 (batch, 1000, 12), millivolt, 100 Hz, unfiltered, leads in PTB-XL's
                order (`ecg_tf.leads.LEADS`).

        Returns:
            A dictionary of `probabilities` float32 (batch, class), `decisions` int32 (batch, class)
            and `valid` bool (batch,): false where a lead that the network looks at cannot be an ECG
            (see `ecg_tf.plausibility`). The network gets zeros in its place, so that probabilities
            are finite, but the answer for this record means nothing.
        """
        ecg, plausible = self.prepare_ecg(ecg_mv)
        valid = ops.all(plausible, axis=1)
        return {**self.classify_input(self._preprocessor(ecg)), "valid": valid}

    def prepare_ecg(self, ecg_mv):
        """Make what is filtered and scaled for the network.

        Args:
            ecg_mv: as for `from_ecg`.

        Returns:
            ecg: float32 (batch, 1000, lead) of `leads`: each with mean 0, or 0 throughout if it
                cannot be an ECG.
            plausible: bool (batch, lead), True for each that may be one.
        """
        ecg = ops.take(ecg_mv, self._columns, axis=2)
        plausible = plausible_leads(ecg)
        return ops.where(plausible[:, None], without_offset(ecg), 0.0), plausible

    def classify_input(self, x):
        """Answer for what the network itself looks at, without `valid`.

        Args:
            x: float32: images (batch, height, width, channel) in [0, 1], scaled signals
                (batch, 1000, lead), or ecgs (batch, 1000, lead) of `leads`.
        """
        probabilities = ops.sigmoid(self.network(x, training=False))
        decisions = ops.cast(probabilities >= self.thresholds, "int32")
        return {"probabilities": probabilities, "decisions": decisions}
