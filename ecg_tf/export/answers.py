"""What a run says of an ECG, from the raw signal to the decision."""

from keras import ops

from ecg_tf.layers import valid_leads
from ecg_tf.leads import lead_indices


class Answers:
    """The whole way from a raw ECG, or its images, to the decisions of a run.

    Args:
        run: a finished `RunFolder`.

    Attributes:
        class_names: list of str.
        leads: names of the leads that the network looks at.
        simulated: True if it was trained on simulated ECGs.
        network: the run's network.
        thresholds: float32 (class,): decided for at probability ≥ threshold.
    """

    def __init__(self, run):
        about = run.about
        self.class_names, self.leads = about["class_names"], about["leads"]
        self.simulated = about["simulated"]
        self.network = run.network()
        self.thresholds = run.thresholds.astype("float32")
        self._front = run.front()
        self._columns = lead_indices(self.leads)

    def from_ecg(self, ecg_mv):
        """Answer for raw ECGs.

        Args:
            ecg_mv: float32 (batch, 1000, 12), millivolt, 100 Hz, unfiltered, leads in PTB-XL's
                order (`ecg_tf.leads.LEADS`).

        Returns:
            A dictionary of `probabilities` float32 (batch, class), `decisions` int32 (batch, class)
            and `valid` bool (batch,): false where a lead that the network looks at is flat or not
            finite, so that the answer for this record means nothing.
        """
        ecg = ops.take(ecg_mv, self._columns, axis=2)
        valid = ops.all(valid_leads(ecg), axis=1)
        return {**self.from_images(self._front(ecg)), "valid": valid}

    def from_images(self, images):
        """Answer for images float32 (batch, height, width, channel) in [0, 1], without `valid`."""
        probabilities = ops.sigmoid(self.network(images, training=False))
        decisions = ops.cast(probabilities >= self.thresholds, "int32")
        return {"probabilities": probabilities, "decisions": decisions}
