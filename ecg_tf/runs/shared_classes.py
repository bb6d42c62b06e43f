"""Evaluation on another data set: the classes that a run and the data share."""

from __future__ import annotations

import dataclasses
import os

from absl import logging

from ecg_tf.data.labels import CLASSES, NORMAL
from ecg_tf.data.sources import Partition, add_norm_class, open_partition
from ecg_tf.errors import InputError
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.runs.run_metadata import RunMetadata


@dataclasses.dataclass(frozen=True)
class SharedClasses:
    """The classes that a run and data share, by name.

    Attributes:
        names: the shared classes, in the order of the run.
        only_run: the classes that only the run has.
        only_data: the classes that only the data have.

    Examples:
        >>> from ecg_tf.runs.shared_classes import SharedClasses
        >>> shared = SharedClasses.of(("MI", "CD", "HYP"), ("CD", "AF", "MI"))
        >>> shared.names, shared.only_run, shared.only_data
        (('MI', 'CD'), ('HYP',), ('AF',))
    """

    names: tuple[str, ...]
    only_run: tuple[str, ...]
    only_data: tuple[str, ...]

    @classmethod
    def of(cls, run: tuple[str, ...], data: tuple[str, ...]) -> SharedClasses:
        """The shared classes of the class names of a run and of data."""
        return cls(
            tuple(name for name in run if name in data),
            tuple(name for name in run if name not in data),
            tuple(name for name in data if name not in run),
        )

    def column_numbers(self, class_names: tuple[str, ...]) -> list[int]:
        """The column of each shared class in a table with the columns `class_names`."""
        return [class_names.index(name) for name in self.names]


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
        InputError: data that cannot be used, or that share no class with the run.
    """
    part = open_partition(data, partition, run.input_spec)
    class_names = run.metadata.class_names
    if NORMAL in class_names and tuple(part.class_names) == CLASSES:
        part = add_norm_class(part, data)
    shared = SharedClasses.of(class_names, tuple(part.class_names))
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
