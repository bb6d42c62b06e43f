"""Image trees: the images and labels of a partition, two files for each record.

    TREE/<partition>/images/0.tif …   uint8 (lead * channel, size, size), lead-major
    TREE/<partition>/labels/0.npy …   uint8 (class,)
    TREE/<partition>/images.json      description of the images: a `Description`
    TREE/<partition>/hashes.npy       uint64 (record,), `ecg_tf.data.seen.ecg_hashes`; optional

This is the layout of the study's code, which wrote only the first two kinds of files. Nothing
outside the tree is read: links that lead out of it are refused. The module does not import
TensorFlow, because worker processes that compute images import it.
"""

import dataclasses
import io
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from ecg_tf.data.formats.npy import read_vector
from ecg_tf.data.formats.tiff import read_tiff
from ecg_tf.data.images.image_description import Description, read_description
from ecg_tf.data.labels import CLASSES
from ecg_tf.data.partitions import PARTITIONS, check_partition
from ecg_tf.errors import InputError
from ecg_tf.files import check_inside, write_atomically
from ecg_tf.leads import DEFAULT_LEADS
from ecg_tf.places import make_folder
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
        >>> from ecg_tf.data.images.image_tree import ImageCache, ImageTree
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
        images, labels = _numbers(self.folder, "images"), _numbers(self.folder, "labels")
        description = _read_description(self.folder)
        if not description and _hashes_path(self.folder).exists():  # not a tree of the study's code
            raise InputError(
                f"{_description_path(self.folder)}: missing, although hashes.npy exists; expected "
                "all files that ecg_tf create_images wrote"
            )
        if not description and not images and not labels:
            raise InputError(f"{self.folder}: no images, expected images/0.tif, … and labels/")
        records = description.records if description else len(images)
        if description and (done := _done(images & labels, records)) < records:
            first = next(k for k in range(records) if k not in images or k not in labels)
            path = _label_path if first in images else _image_path
            raise InputError(
                f"{self.folder}: unfinished: {done} of {records} images, "
                f"{path(self.folder, first)} is missing; run ecg_tf create_images again"
            )
        for k in sorted(images ^ labels):
            image, label = _image_path(self.folder, k), _label_path(self.folder, k)
            found, lacking = (image, label) if k in images else (label, image)
            raise InputError(f"{found}: without its {lacking.parent.name}/{lacking.name}")
        for k in sorted(images ^ set(range(records))):
            raise InputError(
                f"{_image_path(self.folder, k)}: {'unexpected' if k in images else 'missing'}; "
                f"expected {records} images, numbered from 0"
            )
        self.description = description or _original(self.folder, records)
        classes = len(self.description.class_names)
        self.labels = np.stack([_read_label(self.folder, k, classes) for k in range(records)])
        self.leads = self.description.leads
        self.channels = self.description.channels
        self.size = self.description.size
        self.class_names = self.description.class_names
        self.simulated = self.description.simulated
        self.ecg_hashes = _read_hashes(self.folder, records)

    def __len__(self) -> int:
        return len(self.labels)

    def read(self, k: int) -> np.ndarray:
        """Read image `k`.

        Returns:
            uint8 (size, size, lead * channel), lead-major: I-gaf, I-mtf, I-rp, II-gaf, …

        Raises:
            InputError: the file is damaged, or holds another kind of image.
        """
        return _read_image(self.folder, k, self.description)


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
        present = _numbers(self.folder, "images") & _numbers(self.folder, "labels")
        self._start(present, ecg_hashes)
        self._done = {k for k in present if k < len(labels)}
        for k in self._done:
            found = _read_label(self.folder, k, labels.shape[1])
            if (found != labels[k]).any():
                raise InputError(
                    f"{_label_path(self.folder, k)}: {found.tolist()}, the record has "
                    f"{labels[k].tolist()}; expected a tree of the same records"
                )

    def _start(self, present: set[int], ecg_hashes: np.ndarray | None) -> None:
        found = _read_description(self.folder)
        if found is None and present:
            raise InputError(
                f"{self.folder}: holds images but no images.json, expected a new folder or one "
                "that ecg_tf create_images began"
            )
        if found is None:
            for part in ("images", "labels"):
                make_folder(self.folder / part)
            content = json.dumps(dataclasses.asdict(self._description), indent=2) + "\n"
            _write(self.folder, _description_path(self.folder), content)
            found = self._description
        wanted = dataclasses.asdict(self._description)
        for name, value in dataclasses.asdict(found).items():
            if value != wanted[name]:
                raise InputError(
                    f"{self.folder}: its images have {name} {value}, expected {wanted[name]}; use "
                    "another folder or remove this one"
                )
        if ecg_hashes is not None and not _hashes_path(self.folder).exists():
            _write(self.folder, _hashes_path(self.folder), _npy(ecg_hashes))

    def has(self, k: int) -> bool:
        """Return True if image `k` and its label exist."""
        return k in self._done

    def write(self, k: int, image: np.ndarray) -> None:
        """Store an image, uint8 (size, size, lead * channel), and its label."""
        write_image(self.folder, k, image, self._labels[k])
        self._done.add(k)

    def read(self, k: int) -> np.ndarray:
        """Read image `k`, see `ImageTree.read`."""
        return _read_image(self.folder, k, self._description)


def write_image(folder: Path, k: int, image: np.ndarray, label: np.ndarray) -> None:
    """Write record `k` of a partition: its image, then its label, each file atomically.

    Args:
        folder: TREE/<partition>.
        k: number of the record.
        image: uint8 (size, size, lead * channel).
        label: uint8 (class,).
    """
    file = io.BytesIO()
    tifffile.imwrite(file, np.moveaxis(image, -1, 0), photometric="minisblack")
    _write(folder, _image_path(folder, k), file.getvalue())
    _write(folder, _label_path(folder, k), _npy(label))


def _write(folder: Path, path: Path, content: str | bytes) -> None:
    """Write a file of a partition, unless a link leads out of the tree."""
    _check_inside(path, folder)
    write_atomically(path, content)


def _npy(array: np.ndarray) -> bytes:
    """Return the content of a .npy file."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def _image_path(folder: Path, k: int) -> Path:
    return folder / "images" / f"{k}.tif"


def _label_path(folder: Path, k: int) -> Path:
    return folder / "labels" / f"{k}.npy"


def _description_path(folder: Path) -> Path:
    return folder / "images.json"


def _hashes_path(folder: Path) -> Path:
    return folder / "hashes.npy"


def _check_inside(path: Path, folder: Path) -> None:
    """Raise an InputError for a file of a partition that lies outside the tree."""
    check_inside(folder.parent, path)


def _done(numbers: Iterable[int], records: int) -> int:
    return sum(k < records for k in numbers)


def _numbers(folder: Path, part: str) -> set[int]:
    """Return the numbers of the files in images/ or labels/."""
    _check_inside(folder / part, folder)
    ending = {"images": "tif", "labels": "npy"}[part]
    numbers = set()
    for path in (folder / part).glob(f"[!.]*.{ending}"):
        if not path.stem.isdecimal() or str(int(path.stem)) != path.stem:
            raise InputError(
                f"{folder / part}: holds {path.name!r}, expected 0.{ending}, 1.{ending}, …"
            )
        numbers.add(int(path.stem))
    return numbers


def _read_description(folder: Path) -> Description | None:
    """Read the `Description` in images.json; None if the file does not exist."""
    path = _description_path(folder)
    _check_inside(path, folder)
    return read_description(path)


def _read_hashes(folder: Path, records: int) -> np.ndarray | None:
    """Read hashes.npy; None if the file does not exist."""
    path = _hashes_path(folder)
    if not path.exists():
        return None
    _check_inside(path, folder)
    hashes = read_vector(path, records)
    if hashes.dtype != np.uint64:
        raise InputError(f"{path}: {hashes.dtype}, expected uint64")
    return hashes


def _original(folder: Path, records: int) -> Description:
    """Return the `Description` of a tree that the study's code wrote."""
    return Description(
        leads=DEFAULT_LEADS,
        channels=CHANNELS,
        size=_read_planes(folder, 0, len(DEFAULT_LEADS) * len(CHANNELS)).shape[-1],
        class_names=CLASSES,
        records=records,
        simulated=False,
        ecg_sha256=None,
        image_backend=None,
    )


def _read_image(folder: Path, k: int, description: Description) -> np.ndarray:
    planes, size, _ = description.shape
    return np.moveaxis(_read_planes(folder, k, planes, size), 0, -1)


def _read_planes(folder: Path, k: int, planes: int, size: int | None = None) -> np.ndarray:
    path = _image_path(folder, k)
    _check_inside(path, folder)
    return read_tiff(path, planes, size)


def _read_label(folder: Path, k: int, classes: int) -> np.ndarray:
    path = _label_path(folder, k)
    _check_inside(path, folder)
    label = read_vector(path, classes)
    if not np.isin(label, (0, 1)).all():
        raise InputError(f"{path}: {label.tolist()}, expected {classes} classes, 0 or 1 each")
    return label.astype(np.uint8)
