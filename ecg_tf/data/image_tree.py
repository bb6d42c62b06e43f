"""Image trees: the images and labels of a partition as one pair of files a record.

    TREE/<partition>/images/0.tif …   uint8 (lead * channel, size, size), lead-major
    TREE/<partition>/labels/0.npy …   uint8 (class,)
    TREE/<partition>/images.json      what the images are: a `Description`

This is the tree of the study's own code, which wrote no images.json. Knows no TensorFlow: worker
processes that make images import it.
"""

import dataclasses
import io
import json
from pathlib import Path

import numpy as np
import tifffile

from ecg_tf.data.labels import CLASSES
from ecg_tf.data.partitions import PARTITIONS, check_partition
from ecg_tf.errors import InputError
from ecg_tf.files import write_atomically
from ecg_tf.leads import DEFAULT_LEADS, SAMPLES, SAMPLING_RATE
from ecg_tf.method import BAND_PASS, CHANNELS, SCALINGS


@dataclasses.dataclass(frozen=True)
class Description:
    """What the images of a partition are.

    Attributes:
        leads: names, in the order of the images.
        channels: the images of each lead, among "gaf", "mtf", "rp".
        size: height and width.
        class_names: the classes, in the order of the labels.
        records: how many images there are, or will be.
        simulated: True where any record is simulated.
        ecg_sha256: of the partition's ecgs, as prepared records' manifest has it; None if unknown.
        image_backend: what makes them, "pyts" or "keras"; None if unknown.
        scaling: of the leads, one of `ecg_tf.method.SCALINGS`. This and the entries after it are
            missing in older trees, whose images are all as the study's.
        band_pass: what the ecgs are filtered with, in words: `ecg_tf.method.BAND_PASS`.
        sampling_rate: of the ecgs, in Hz.
        samples: of each ecg.
    """

    leads: tuple
    channels: tuple
    size: int
    class_names: tuple
    records: int
    simulated: bool
    ecg_sha256: str | None
    image_backend: str | None
    scaling: str = SCALINGS[0]
    band_pass: str = BAND_PASS
    sampling_rate: int = SAMPLING_RATE
    samples: int = SAMPLES

    def __post_init__(self):
        for name in ("leads", "channels", "class_names"):  # JSON has lists
            object.__setattr__(self, name, tuple(getattr(self, name)))

    @property
    def shape(self):
        """The shape of each file: (lead * channel, size, size)."""
        return len(self.leads) * len(self.channels), self.size, self.size


def is_image_tree(path):
    """True if any partition of an image tree is at `path`."""
    return any((Path(path) / partition / "images").is_dir() for partition in PARTITIONS)


class ImageTree:
    """The finished images of a partition.

    A tree without images.json is taken to be the original's: leads I, II, V2, channels gaf, mtf, rp
    and the size of its first image. Labels are read at once, images when asked for.

    Args:
        tree: the folder that was bin/create_images.py's `-save_dir`.
        partition: "train", "dev" or "test".

    Attributes:
        folder: the partition's folder.
        labels: uint8 (record, class).
        description: the `Description`; its first entries are attributes of the tree, too:
            `leads`, `channels`, `size`, `class_names`, `simulated`.

    Raises:
        InputError: no images, fewer or more than there should be, an image without its label, a
            label without its image, a label that is not one 0 or 1 for each class.
    """

    def __init__(self, tree, partition):
        self.folder = Path(tree) / check_partition(partition)
        images, labels = _numbers(self.folder, "images"), _numbers(self.folder, "labels")
        description = _read_description(self.folder)
        if not description and not images and not labels:
            raise InputError(f"{self.folder}: no images, expected images/0.tif, … and labels/")
        records = description.records if description else len(images)
        if description and (lacking := set(range(records)) - (images & labels)):
            path = _label_path if min(lacking) in images else _image_path
            raise InputError(
                f"{self.folder}: unfinished: {records - len(lacking)} of {records} images, "
                f"{path(self.folder, min(lacking))} is missing; run bin/create_images.py again"
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

    def __len__(self):
        return len(self.labels)

    def read(self, k):
        """Image `k`, uint8 (size, size, lead * channel).

        Raises:
            InputError: the file is damaged, or another kind of image.
        """
        return _read_image(self.folder, k, self.description)


class ImageCache:
    """An image tree that is being filled, in any order, over any number of runs.

    Args:
        tree: the folder; made if missing. One that is there must have the same description.
        partition: "train", "dev" or "test".
        labels: uint8 (record, class).
        **description: the entries of `Description`, except for `records`.

    Attributes:
        folder: the partition's folder, for `write_image`.

    Raises:
        InputError: images of another kind or of other records are there.
    """

    def __init__(self, tree, partition, labels, **description):
        self.folder = Path(tree) / check_partition(partition)
        self._labels = labels
        self._description = Description(records=len(labels), **description)
        present = _numbers(self.folder, "images") & _numbers(self.folder, "labels")
        self._start(present)
        self._done = present & set(range(len(labels)))
        for k in self._done:
            found = _read_label(self.folder, k, labels.shape[1])
            if (found != labels[k]).any():
                raise InputError(
                    f"{_label_path(self.folder, k)}: {found.tolist()}, the record has "
                    f"{labels[k].tolist()}; expected a tree of the same records"
                )

    def _start(self, present):
        found = _read_description(self.folder)
        if found is None and present:
            raise InputError(
                f"{self.folder}: holds images but no images.json, expected a new folder or one "
                "that bin/create_images.py began"
            )
        if found is None:
            for part in ("images", "labels"):
                (self.folder / part).mkdir(parents=True, exist_ok=True)
            content = json.dumps(dataclasses.asdict(self._description), indent=2) + "\n"
            write_atomically(_description_path(self.folder), content)
            return
        wanted = dataclasses.asdict(self._description)
        for name, value in dataclasses.asdict(found).items():
            if value != wanted[name]:
                raise InputError(
                    f"{self.folder}: its images have {name} {value}, asked for are {name} "
                    f"{wanted[name]}; take another folder or remove this one"
                )

    def has(self, k):
        """True if image `k` and its label are there."""
        return k in self._done

    def write(self, k, image):
        """Keep an image, uint8 (size, size, lead * channel), and its label."""
        write_image(self.folder, k, image, self._labels[k])
        self._done.add(k)

    def read(self, k):
        """Image `k`, as `ImageTree.read` gives it."""
        return _read_image(self.folder, k, self._description)


def write_image(folder, k, image, label):
    """Write record `k` of a partition: its image, then its label, each whole or not at all.

    Args:
        folder: TREE/<partition>.
        k: the record's number.
        image: uint8 (size, size, lead * channel).
        label: uint8 (class,).
    """
    file = io.BytesIO()
    tifffile.imwrite(file, np.moveaxis(image, -1, 0), photometric="minisblack")
    write_atomically(_image_path(folder, k), file.getvalue())
    file = io.BytesIO()
    np.save(file, label)
    write_atomically(_label_path(folder, k), file.getvalue())


def _image_path(folder, k):
    return folder / "images" / f"{k}.tif"


def _label_path(folder, k):
    return folder / "labels" / f"{k}.npy"


def _description_path(folder):
    return folder / "images.json"


def _numbers(folder, part):
    """The numbers of the files in images/ or labels/."""
    ending = {"images": "tif", "labels": "npy"}[part]
    numbers = set()
    for path in (folder / part).glob(f"[!.]*.{ending}"):
        if not path.stem.isdecimal() or str(int(path.stem)) != path.stem:
            raise InputError(f"{path}: expected 0.{ending}, 1.{ending}, …")
        numbers.add(int(path.stem))
    return numbers


def _read_description(folder):
    """The `Description` in images.json, None if there is no such file."""
    path = _description_path(folder)
    try:
        return Description(**json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise InputError(f"{path}: not the description of an image tree: {error}") from error


def _original(folder, records):
    """The `Description` of a tree that the study's own code wrote."""
    return Description(
        leads=DEFAULT_LEADS,
        channels=CHANNELS,
        size=_read_tiff(_image_path(folder, 0)).shape[-1],
        class_names=CLASSES,
        records=records,
        simulated=False,
        ecg_sha256=None,
        image_backend=None,
    )


def _read_image(folder, k, description):
    path = _image_path(folder, k)
    image = _read_tiff(path)
    if image.shape != description.shape or image.dtype != np.uint8:
        raise InputError(f"{path}: {image.dtype} {image.shape}, expected uint8 {description.shape}")
    return np.moveaxis(image, 0, -1)


def _read_tiff(path):
    try:
        return tifffile.imread(path)
    except Exception as error:  # tifffile raises whatever its parsing trips over
        raise InputError(f"{path}: not a readable TIFF: {error}") from error


def _read_label(folder, k, classes):
    path = _label_path(folder, k)
    try:
        label = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"{path}: not a readable label: {error}") from error
    if label.shape != (classes,) or not np.isin(label, (0, 1)).all():
        raise InputError(f"{path}: {label.tolist()}, expected {classes} classes, 0 or 1 each")
    return label.astype(np.uint8)
