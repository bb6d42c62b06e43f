"""Image trees: the images and labels of a partition, two files for each record.

    TREE/<partition>/images/0.tif …   uint8 (lead * channel, size, size), lead-major
    TREE/<partition>/labels/0.npy …   uint8 (class,)
    TREE/<partition>/images.json      description of the images: a `Description`
    TREE/<partition>/hashes.npy       uint64 (record,), `ecg_tf.data.seen.ecg_hashes`; optional

This is the layout of the study's code, which wrote only the first two kinds of files. Nothing
outside the tree is read: links that lead out of it are refused. The module does not import
TensorFlow, because worker processes that compute images import it.
"""

import os
from pathlib import Path

import numpy as np

from ecg_tf.data.images.image_description import Description
from ecg_tf.data.images.image_files import (
    description_path,
    file_numbers,
    hashes_path,
    image_path,
    label_path,
    read_hashes,
    read_image,
    read_label,
    read_planes,
    read_tree_description,
)
from ecg_tf.data.labels import CLASSES
from ecg_tf.data.partitions import PARTITIONS, check_partition
from ecg_tf.errors import InputError
from ecg_tf.leads import DEFAULT_LEADS
from ecg_tf.preprocessing import CHANNELS


def is_image_tree(path: str | os.PathLike) -> bool:
    """Return True if `path` holds any partition of an image tree.

    Examples:
        >>> from ecg_tf.data.images.image_tree import is_image_tree
        >>> is_image_tree("no_such_folder")
        False
    """
    # Path.is_dir would raise an error for a name that is too long.
    return any(os.path.isdir(Path(path) / name / "images") for name in PARTITIONS)  # noqa: PTH112


class ImageTree:
    """The finished images of a partition.

    A tree without images.json is assumed to come from the study's code: leads I, II, V2, channels
    gaf, mtf, rp and the size of the first image. Labels are read immediately, images one by one by
    `read`.

    Args:
        tree: folder of the tree, the `-save_dir` of `ecg_tf create_images`.
        partition: "train", "dev" or "test".

    Attributes:
        folder: folder of the partition.
        labels: uint8 (record, class).
        description: the `Description`. Its entries `leads`, `channels`, `size`, `class_names` and
            `simulated` are also attributes of the tree.
        ecg_hashes: uint64 (record,), `ecg_tf.data.seen.ecg_hashes` of the ecgs; None if unknown.

    Raises:
        InputError: there are no images, or too few or too many; an image has no label, or a label
            no image; a label is not a 0 or 1 for each class; a link leads out of the tree.

    Examples:
        >>> import tempfile
        >>> import numpy as np
        >>> from ecg_tf.data.images.image_cache import ImageCache
        >>> from ecg_tf.data.images.image_tree import ImageTree
        >>> about = {"leads": ("I",), "channels": ("gaf",), "size": 8, "class_names": ("MI", "CD")}
        >>> about |= {"simulated": True, "ecg_sha256": None, "image_backend": "keras"}
        >>> labels = np.array([[1, 0]], np.uint8)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     cache = ImageCache(folder, "dev", labels, **about)
        ...     cache.write(0, np.zeros((8, 8, 1), np.uint8))
        ...     tree = ImageTree(folder, "dev")
        ...     image = tree.read(0)
        >>> len(tree), tree.labels.tolist(), image.shape
        (1, [[1, 0]], (8, 8, 1))
    """

    def __init__(self, tree: str | os.PathLike, partition: str) -> None:
        self.folder = Path(tree) / check_partition(partition)
        images, labels = file_numbers(self.folder, "images"), file_numbers(self.folder, "labels")
        description = read_tree_description(self.folder)
        if not description and hashes_path(self.folder).exists():  # not a tree of the study's code
            raise InputError(
                f"{description_path(self.folder)}: missing, although hashes.npy exists; expected "
                "all files that ecg_tf create_images wrote"
            )
        if not description and not images and not labels:
            raise InputError(f"{self.folder}: no images, expected images/0.tif, … and labels/")
        records = description.records if description else len(images)
        if description and (done := sum(k < records for k in images & labels)) < records:
            first = next(k for k in range(records) if k not in images or k not in labels)
            path = label_path if first in images else image_path
            raise InputError(
                f"{self.folder}: unfinished: {done} of {records} images, "
                f"{path(self.folder, first)} is missing; run ecg_tf create_images again"
            )
        for k in sorted(images ^ labels):
            image, label = image_path(self.folder, k), label_path(self.folder, k)
            found, lacking = (image, label) if k in images else (label, image)
            raise InputError(f"{found}: without its {lacking.parent.name}/{lacking.name}")
        for k in sorted(images ^ set(range(records))):
            raise InputError(
                f"{image_path(self.folder, k)}: {'unexpected' if k in images else 'missing'}; "
                f"expected {records} images, numbered from 0"
            )
        self.description = description or _original(self.folder, records)
        classes = len(self.description.class_names)
        self.labels = np.stack([read_label(self.folder, k, classes) for k in range(records)])
        self.leads = self.description.leads
        self.channels = self.description.channels
        self.size = self.description.size
        self.class_names = self.description.class_names
        self.simulated = self.description.simulated
        self.ecg_hashes = read_hashes(self.folder, records)

    def __len__(self) -> int:
        return len(self.labels)

    def read(self, k: int) -> np.ndarray:
        """Read image `k`.

        Returns:
            uint8 (size, size, lead * channel), lead-major: I-gaf, I-mtf, I-rp, II-gaf, …

        Raises:
            InputError: the file is damaged, or holds another kind of image.
        """
        return read_image(self.folder, k, self.description)


def _original(folder: Path, records: int) -> Description:
    """Return the `Description` of a tree that the study's code wrote."""
    return Description(
        leads=DEFAULT_LEADS,
        channels=CHANNELS,
        size=read_planes(folder, 0, len(DEFAULT_LEADS) * len(CHANNELS)).shape[-1],
        class_names=CLASSES,
        records=records,
        simulated=False,
        ecg_sha256=None,
        image_backend=None,
    )
