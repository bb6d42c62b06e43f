"""Evaluation on another data set: the classes that a run and the data share."""

from __future__ import annotations

import dataclasses
import os

import numpy as np
from absl import logging

from ecg_tf.data.labels import CLASSES, NORMAL
from ecg_tf.data.sources import Partition, add_norm_class, open_partition
from ecg_tf.data.tasks import GROUPED
from ecg_tf.errors import InputError
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.runs.run_metadata import RunMetadata


@dataclasses.dataclass(frozen=True)
class SharedClasses:
    """The classes that a run and data share, by name or as groups of SCP codes.

    If the classes of the data are groups of SCP codes, and the run predicts each of these codes,
    the run shares all classes of the data. The probability of a class is the largest among its
    codes.

    Attributes:
        names: the shared classes, in the order of the run, or of the data if they are groups.
        only_run: the classes that only the run has.
        only_data: the classes that only the data have.
        groups: the SCP codes of each shared class; None if classes are matched by name.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.runs.shared_classes import SharedClasses
        >>> shared = SharedClasses.of(("MI", "CD", "HYP"), ("CD", "AF", "MI"))
        >>> shared.names, shared.only_run, shared.only_data
        (('MI', 'CD'), ('HYP',), ('AF',))
        >>> codes = ("AMI", "IMI", "NORM", "SR")
        >>> groups = {"MI": ["AMI", "IMI"], "NORM": ["NORM"]}
        >>> shared = SharedClasses.of(codes, ("MI", "NORM"), groups)
        >>> shared.names, shared.only_run
        (('MI', 'NORM'), ('SR',))
        >>> shared.probabilities(np.array([[0.2, 0.7, 0.1, 0.9]]), codes).tolist()
        [[0.7, 0.1]]
    """

    names: tuple[str, ...]
    only_run: tuple[str, ...]
    only_data: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...] | None = None

    @classmethod
    def of(
        cls,
        run: tuple[str, ...],
        data: tuple[str, ...],
        class_codes: dict[str, list[str]] | None = None,
    ) -> SharedClasses:
        """The shared classes of a run and of data.

        Args:
            run: class names of the run.
            data: class names of the data.
            class_codes: {class: its SCP codes} of the data; None if they are not groups of codes.
        """
        groups = class_codes or {}
        codes = {code for group in groups.values() for code in group}
        if any(group != [name] for name, group in groups.items()) and codes <= set(run):
            return cls(
                data,
                tuple(name for name in run if name not in codes),
                (),
                tuple(tuple(groups[name]) for name in data),
            )
        return cls(
            tuple(name for name in run if name in data),
            tuple(name for name in run if name not in data),
            tuple(name for name in data if name not in run),
        )

    def column_numbers(self, class_names: tuple[str, ...]) -> list[int]:
        """The column of each shared class in a table with the columns `class_names`."""
        return [class_names.index(name) for name in self.names]

    def probabilities(self, predicted: np.ndarray, class_names: tuple[str, ...]) -> np.ndarray:
        """The probabilities of the shared classes.

        Args:
            predicted: (record, class), by the run.
            class_names: the classes of the run.

        Returns:
            (record, shared class).
        """
        if self.groups is None:
            return predicted[:, self.column_numbers(class_names)]
        columns = [[class_names.index(code) for code in group] for group in self.groups]
        return np.stack([predicted[:, group].max(axis=1) for group in columns], axis=1)


def open_shared(
    run: RunFolder, data: str | os.PathLike, partition: str
) -> tuple[Partition, SharedClasses]:
    """Open a partition as the network of a run takes it, with the shared classes only.

    Args:
        run: the finished `RunFolder`.
        data: folder of prepared records or of an image tree, or file of packed records.
        partition: "train", "dev" or "test".

    Returns:
        The partition, its labels in the order of the shared classes, and the `SharedClasses`.

    Raises:
        InputError: data that cannot be used, that share no class with the run, or that an older
            version prepared, without the SCP codes of their classes.
    """
    part = open_partition(data, partition, run.input_spec)
    class_names = run.metadata.class_names
    if NORMAL in class_names and tuple(part.class_names) == CLASSES:
        part = add_norm_class(part, data)
    manifest = part.manifest or {}
    codes = manifest.get("class_codes")
    others = set(class_names) - set(part.class_names)  # the run may be one of codes
    if others and codes is None and manifest.get("task") in GROUPED:
        raise InputError(
            f"{data}: prepared by an older version, without the SCP codes of its classes; prepare "
            "the records again"
        )
    shared = SharedClasses.of(class_names, tuple(part.class_names), codes)
    if not shared.names:
        raise InputError(
            f"{data}: classes {', '.join(part.class_names)}, but {run} was trained for "
            f"{', '.join(class_names)}; expected at least one class of the same name in both"
        )
    part.source.labels = part.source.labels[:, shared.column_numbers(tuple(part.class_names))]
    return dataclasses.replace(part, class_names=shared.names), shared


def warn_of_left_out(run: RunFolder, data: str | os.PathLike, shared: SharedClasses) -> None:
    """Log a warning for the classes that are left out of an evaluation."""
    for owner, names in ((run, shared.only_run), (data, shared.only_data)):
        if names:
            logging.warning("classes left out, which only %s has: %s", owner, ", ".join(names))


def data_set_of(part: Partition) -> str | None:
    """The name of the data set that a partition belongs to; None if unknown."""
    if part.manifest is None:
        return None
    name = part.manifest.get("data_set", "PTB-XL")
    return _ptb_xl(part.simulated) if name == "PTB-XL" else name


def trained_on(metadata: RunMetadata) -> str | None:
    """The name of the data set that a run was trained on; None if unknown."""
    older = set(metadata.class_names) <= {*CLASSES, NORMAL}  # there was no other data set
    return metadata.data_set or (_ptb_xl(metadata.simulated) if older else None)


def is_external(metadata: RunMetadata, part: Partition) -> bool | None:
    """True if a partition belongs to another data set than the one a run was trained on.

    Args:
        metadata: of the run.
        part: the partition.

    Returns:
        False if the names of the data sets are the same, or if both have the same train or dev
        partition. None if a name is unknown.
    """
    before = metadata.ecg_sha256 or {}
    now = part.manifest["ecg_sha256"] if part.manifest else {}
    if any(before.get(name) and before[name] == now.get(name) for name in ("train", "dev")):
        return False
    names = trained_on(metadata), data_set_of(part)
    return None if None in names else names[0] != names[1]


def _ptb_xl(simulated: bool) -> str:
    return "simulated PTB-XL" if simulated else "PTB-XL"
