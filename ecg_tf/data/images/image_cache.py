"""Image trees that are being filled."""

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from ecg_tf.data.images.image_description import Description
from ecg_tf.data.images.image_files import (
    description_path,
    file_numbers,
    hashes_path,
    label_path,
    read_image,
    read_label,
    read_tree_description,
    write_array,
    write_file,
    write_image,
)
from ecg_tf.data.partitions import check_partition
from ecg_tf.errors import InputError
from ecg_tf.places import make_folder


class ImageCache:
    """An image tree that is filled in any order, in one or several runs.

    Args:
        tree: folder of the tree, created if missing. An existing tree must have the same
            description.
        partition: "train", "dev" or "test".
        labels: uint8 (record, class).
        ecg_hashes: uint64 (record,), `ecg_tf.data.seen.ecg_hashes` of the ecgs, or None.
        **description: the entries of `Description` except `records`.

    Attributes:
        folder: folder of the partition, for `write_image`.

    Raises:
        InputError: the tree holds images of another kind or of other records.
    """

    def __init__(
        self,
        tree: str | os.PathLike,
        partition: str,
        labels: np.ndarray,
        ecg_hashes: np.ndarray | None = None,
        **description: Any,
    ) -> None:
        self.folder = Path(tree) / check_partition(partition)
        self._labels = labels
        self._description = Description(records=len(labels), **description)
        present = file_numbers(self.folder, "images") & file_numbers(self.folder, "labels")
        self._start(present, ecg_hashes)
        self._done = {k for k in present if k < len(labels)}
        for k in self._done:
            found = read_label(self.folder, k, labels.shape[1])
            if (found != labels[k]).any():
                raise InputError(
                    f"{label_path(self.folder, k)}: {found.tolist()}, the record has "
                    f"{labels[k].tolist()}; expected a tree of the same records"
                )

    def _start(self, present: set[int], ecg_hashes: np.ndarray | None) -> None:
        found = read_tree_description(self.folder)
        if found is None and present:
            raise InputError(
                f"{self.folder}: holds images but no images.json, expected a new folder or one "
                "that ecg_tf create_images began"
            )
        if found is None:
            for part in ("images", "labels"):
                make_folder(self.folder / part)
            content = json.dumps(dataclasses.asdict(self._description), indent=2) + "\n"
            write_file(self.folder, description_path(self.folder), content)
            found = self._description
        wanted = dataclasses.asdict(self._description)
        for name, value in dataclasses.asdict(found).items():
            if value != wanted[name]:
                raise InputError(
                    f"{self.folder}: its images have {name} {value}, expected {wanted[name]}; use "
                    "another folder or remove this one"
                )
        if ecg_hashes is not None and not hashes_path(self.folder).exists():
            write_array(self.folder, hashes_path(self.folder), ecg_hashes)

    def has(self, k: int) -> bool:
        """Return True if image `k` and its label exist."""
        return k in self._done

    def write(self, k: int, image: np.ndarray) -> None:
        """Store an image, uint8 (size, size, lead * channel), and its label."""
        write_image(self.folder, k, image, self._labels[k])
        self._done.add(k)

    def read(self, k: int) -> np.ndarray:
        """Read image `k`, see `ImageTree.read`."""
        return read_image(self.folder, k, self._description)
