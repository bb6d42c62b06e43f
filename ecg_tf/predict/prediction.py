"""The prediction for a window of a record."""

import dataclasses
import json

import numpy as np

from ecg_tf.data.any_ecg import Window
from ecg_tf.data.ecg_files.resample import is_resampled
from ecg_tf.data.labels import CLASSES, NORMAL

_MOST_LINES = 10  # classes in a table


@dataclasses.dataclass(frozen=True)
class Prediction:
    """The prediction for a window of a record.

    From `class_names` to `decisions`, each field has one entry for each class.

    Attributes:
        record: name of the record.
        start: where the window begins, seconds from the beginning of the record.
        duration: length of the record, seconds.
        sampling_rate: sampling rate of the record, Hz. It is resampled unless this is that of the
            network, or nearly.
        simulated: True for a simulated ECG.
        simulated_training: True if the network was trained on simulated ECGs.
        leads: names of the leads that the network takes.
        class_names: names of the classes.
        probabilities: float in [0, 1].
        thresholds: a class is predicted at probability ≥ threshold.
        decisions: 1 for a predicted class, 0 for another.
        window: the `ecg_tf.data.any_ecg.Window` itself.
    """

    record: str
    start: float
    duration: float
    sampling_rate: float
    simulated: bool
    simulated_training: bool
    leads: tuple[str, ...]
    class_names: tuple[str, ...]
    probabilities: tuple[float, ...]
    thresholds: tuple[float, ...]
    decisions: tuple[int, ...]
    window: Window = dataclasses.field(repr=False)

    def json(self) -> str:
        """The fields but for the window, as one line of JSON."""
        fields = [field.name for field in dataclasses.fields(self) if field.name != "window"]
        return json.dumps({name: getattr(self, name) for name in fields})

    @property
    def diagnoses(self) -> str:
        """The names of the predicted classes, with commas between them.

        If there are none: "NORM" if the classes are the four of the study, otherwise "none". A
        network with the class NORM may predict it and a disease together; both are then named.
        """
        found = [name for name, one in zip(self.class_names, self.decisions, strict=True) if one]
        return ", ".join(found) or (NORMAL if set(self.class_names) == set(CLASSES) else "none")

    def shown(self, most: int) -> list[int]:
        """Choose the classes to show where there is not room for all.

        Args:
            most: maximum number of classes.

        Returns:
            Positions of classes, in order: the predicted ones before others, and then those of the
            largest probability.
        """
        decided, probable = np.array(self.decisions), np.array(self.probabilities)
        return sorted(np.lexsort([-probable, -decided])[:most].tolist())

    @property
    def about(self) -> str:
        """Remarks on the ECG, the network and how the record was processed, as text."""
        remarks = ["simulated ECG" if self.simulated else "ECG"]
        rate, seconds = self.window.ecg_rate, self.window.seconds
        if is_resampled(self.sampling_rate, rate):
            remarks.append(f"resampled from {self.sampling_rate:g} to {rate} Hz")
        used = self.window.of * seconds
        if self.duration > used:
            windows = f"{self.window.of} windows" if self.window.of > 1 else "one window"
            left = self.duration - used
            remarks.append(f"{windows} of {seconds:.6g} s, the last {left:.3g} s left out")
        if self.simulated_training:
            remarks.append("network trained on simulated ECGs")
        return ", ".join(remarks)

    def table(self) -> str:
        """The prediction as a table for the terminal: a line for each of up to ten classes."""
        shown = self.shown(_MOST_LINES)
        width = max(5, *(len(self.class_names[k]) for k in shown))
        lines = [
            f"{self.window.name} ({self.about}): {self.diagnoses}",
            f"  {'class':{width}}  probability  threshold  decision",
            *(
                f"  {self.class_names[k]:{width}}  {self.probabilities[k]:11.3f}  "
                f"{self.thresholds[k]:9.3f}  {self.decisions[k]:8d}"
                for k in shown
            ),
        ]
        left = len(self.class_names) - len(shown)
        if left:
            lines.append(f"  {left} more classes: see -json")
        return "\n".join(lines)
