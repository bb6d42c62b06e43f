"""Reading and writing the files of a partition of an image tree, see `image_tree`."""

import io
from pathlib import Path

import numpy as np
import tifffile

from ecg_tf.data.formats.npy import read_vector
from ecg_tf.data.formats.tiff import read_tiff
from ecg_tf.data.images.image_description import Description, read_description
from ecg_tf.errors import InputError
from ecg_tf.files import check_inside, write_atomically


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
    write_file(folder, image_path(folder, k), file.getvalue())
    write_array(folder, label_path(folder, k), label)


def write_array(folder: Path, path: Path, array: np.ndarray) -> None:
    """Write a .npy file of a partition, see `write_file`."""
    file = io.BytesIO()
    np.save(file, array)
    write_file(folder, path, file.getvalue())


def write_file(folder: Path, path: Path, content: str | bytes) -> None:
    """Write a file of a partition atomically, unless a link leads out of the tree."""
    _check_inside(path, folder)
    write_atomically(path, content)


def image_path(folder: Path, k: int) -> Path:
    """Return the path of image `k`."""
    return folder / "images" / f"{k}.tif"


def label_path(folder: Path, k: int) -> Path:
    """Return the path of label `k`."""
    return folder / "labels" / f"{k}.npy"


def description_path(folder: Path) -> Path:
    """Return the path of the description."""
    return folder / "images.json"


def hashes_path(folder: Path) -> Path:
    """Return the path of the hashes."""
    return folder / "hashes.npy"


def _check_inside(path: Path, folder: Path) -> None:
    """Raise an InputError for a file of a partition that lies outside the tree."""
    check_inside(folder.parent, path)


def file_numbers(folder: Path, part: str) -> set[int]:
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


def read_tree_description(folder: Path) -> Description | None:
    """Read the `Description` in images.json; None if the file does not exist."""
    path = description_path(folder)
    _check_inside(path, folder)
    return read_description(path)


def read_hashes(folder: Path, records: int) -> np.ndarray | None:
    """Read hashes.npy; None if the file does not exist."""
    path = hashes_path(folder)
    if not path.exists():
        return None
    _check_inside(path, folder)
    hashes = read_vector(path, records)
    if hashes.dtype != np.uint64:
        raise InputError(f"{path}: {hashes.dtype}, expected uint64")
    return hashes


def read_image(folder: Path, k: int, description: Description) -> np.ndarray:
    """Read image `k`, uint8 (size, size, lead * channel)."""
    planes, size, _ = description.shape
    return np.moveaxis(read_planes(folder, k, planes, size), 0, -1)


def read_planes(folder: Path, k: int, planes: int, size: int | None = None) -> np.ndarray:
    """Read image `k` as stored, uint8 (plane, size, size); None is any size."""
    path = image_path(folder, k)
    _check_inside(path, folder)
    return read_tiff(path, planes, size)


def read_label(folder: Path, k: int, classes: int) -> np.ndarray:
    """Read label `k`, uint8 (class,)."""
    path = label_path(folder, k)
    _check_inside(path, folder)
    label = read_vector(path, classes)
    if not np.isin(label, (0, 1)).all():
        raise InputError(f"{path}: {label.tolist()}, expected {classes} classes, 0 or 1 each")
    return label.astype(np.uint8)
