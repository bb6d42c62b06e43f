"""Data sets of every form, opened as a network takes them."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import numpy as np
from absl import logging

from ecg_tf.data.batches.examples import ECGs, Images
from ecg_tf.data.checks import signal_of
from ecg_tf.data.ecg_files.file_kinds import is_csv
from ecg_tf.data.images.image_cache import ImageCache
from ecg_tf.data.images.image_description import entries_of
from ecg_tf.data.images.image_tree import ImageTree, is_image_tree
from ecg_tf.data.images.pyts_images import check_scaling, ecg_image
from ecg_tf.data.labels import CLASSES, NORMAL, with_norm
from ecg_tf.data.packed import PackedRecords
from ecg_tf.data.prepared import PreparedRecords, Records
from ecg_tf.data.seen import ecg_hashes
from ecg_tf.data.stored_ecgs import StoredECGs
from ecg_tf.errors import InputError
from ecg_tf.input_spec import InputSpec


@dataclasses.dataclass(frozen=True)
class Partition:
    """A partition of a data set: "train", "dev" or "test".

    Attributes:
        source: the inputs and labels, `ECGs` or `Images`.
        class_names: the classes, in the order of the labels.
        simulated: True if any record is simulated.
        ecg_sha256: SHA-256 of the partition's ECGs; None if unknown.
        records: the `ecg_tf.data.prepared.Records`, with their labels as stored; None for an image
            tree, which has no ids.
        manifest: manifest of the prepared records, a dictionary; None for an image tree.
        tree_hashes: the hashes of the ECGs in an image tree; None for records and for older trees.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.data.batches.examples import Images
        >>> from ecg_tf.data.sources import Partition
        >>> images = Images(np.zeros((2, 4), np.uint8), lambda k: np.zeros((8, 8, 9)), (8, 8, 9))
        >>> part = Partition(images, ("MI", "STTC", "CD", "HYP"), simulated=True, ecg_sha256=None)
        >>> len(part.source), part.source.shape
        (2, (8, 8, 9))
    """

    source: ECGs | Images
    class_names: tuple[str, ...]
    simulated: bool
    ecg_sha256: str | None
    records: Records | None = None
    manifest: dict | None = None
    tree_hashes: np.ndarray | None = None

    @property
    def sampling_rate(self) -> int:
        """Sampling rate of the ECGs, Hz."""
        return signal_of(self.manifest or {})[0]

    @property
    def samples(self) -> int:
        """Number of samples of each ECG."""
        return signal_of(self.manifest or {})[1]

    def ecg_hashes(self) -> np.ndarray | None:
        """Hashes of the ECGs (`ecg_tf.data.seen.ecg_hashes`), uint64 (record,); None if unknown."""
        return self.tree_hashes if self.records is None else ecg_hashes(self.records.ecg)


def open_partition(
    data: str | os.PathLike,
    partition: str,
    spec: InputSpec,
    *,
    image_backend: str = "keras",
    image_cache: str | os.PathLike | None = None,
    norm_class: bool = False,
) -> Partition:
    """Open a partition of prepared records, packed records or an image tree.

    Args:
        data: folder of prepared records or of an image tree, or file of packed records.
        partition: "train", "dev" or "test".
        spec: `InputSpec` of the network. The images of an image tree must fit it.
        image_backend: where the images of records are made: "keras" feeds the ECG to a
            preprocessor of layers, "pyts" makes the images in the input pipeline.
        image_cache: folder of an image tree in which the images made by pyts are kept. Default:
            they are not kept.
        norm_class: True to add a fifth class, NORM, to the labels: none of the four.

    Returns:
        The `Partition`.

    Raises:
        InputError: data that are none of these or of another sampling rate or length, an empty
            partition, an image tree for a network that takes no images or takes others, or NORM
            for data without the four classes.

    Examples:
        >>> import tempfile
        >>> from ecg_tf.data.prepare import prepare
        >>> from ecg_tf.data.sources import open_partition
        >>> from ecg_tf.data.synthetic import write_folder
        >>> from ecg_tf.input_spec import InputSpec
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_folder(f"{folder}/ptbxl", records=20)
        ...     _ = prepare(f"{folder}/ptbxl", f"{folder}/data")
        ...     spec = InputSpec("signal", leads=("I", "II", "V2"))
        ...     part = open_partition(f"{folder}/data", "train", spec)
        ...     ecg = part.source.take([0, 1])
        >>> ecg.shape, ecg.dtype  # millivolt
        ((2, 1000, 3), dtype('float32'))
        >>> part.source.labels.shape == (len(part.source), len(part.class_names))
        True
    """
    if is_image_tree(data):
        if spec.kind != "image":
            raise InputError(
                f"{data}: an image tree, but the network takes the {spec.kind}: expected "
                "prepared records (ecg_tf prepare_data)"
            )
        part = _open_tree(data, partition, spec)
    else:
        prepared = open_records(data)
        _check_signal(prepared.manifest, data, spec)
        records = prepared.read(partition, spec.leads)
        if spec.kind != "image" or image_backend == "keras":
            _warn_of_flat_leads(records, partition)
            source = ECGs(records)
        else:
            check_scaling(spec.scaling)
            source = _pyts_images(records, prepared, partition, spec, image_cache)
        part = Partition(
            source,
            prepared.class_names,
            prepared.simulated,
            prepared.manifest["ecg_sha256"][partition],
            records,
            prepared.manifest,
        )
    return add_norm_class(part, data) if norm_class else part


def open_records(data: str | os.PathLike) -> PreparedRecords | PackedRecords:
    """Open `data` as `PreparedRecords` or `PackedRecords`; raise an InputError for other data."""
    if is_csv(data) and Path(data).is_file():
        raise InputError(
            f"{data}: a CSV file; prepare the records of a table first: ecg_tf prepare_data "
            "-records … -data …"
        )
    if Path(data).is_file():
        return PackedRecords(data)
    if PreparedRecords.is_prepared(data):
        return PreparedRecords(data)
    raise InputError(f"{data}: {_wrong_kind(Path(data))}")


def add_norm_class(part: Partition, data: str | os.PathLike) -> Partition:
    """Add NORM, none of the four classes, to the labels of a partition, which is changed.

    Args:
        part: the partition.
        data: the data that it belongs to, for errors.

    Returns:
        The partition, with five classes.

    Raises:
        InputError: a partition without the four classes.
    """
    if part.class_names != CLASSES:
        raise InputError(
            f"{data}: classes {', '.join(part.class_names)}; NORM can be a class only of "
            f"{', '.join(CLASSES)}: it is none of these"
        )
    part.source.labels = with_norm(part.source.labels)
    return dataclasses.replace(part, class_names=(*CLASSES, NORMAL))


def _check_signal(manifest: dict, data: str | os.PathLike, spec: InputSpec) -> None:
    """Raise an InputError if the ECGs have another sampling rate or length than a network takes."""
    rate, samples = signal_of(manifest)
    if (rate, samples) != (spec.sampling_rate, spec.samples):
        raise InputError(
            f"{data}: ECGs of {samples / rate:g} s at {rate} Hz, but the network takes "
            f"{spec.seconds:g} s at {spec.sampling_rate} Hz: prepare the records again at this "
            "sampling rate and length, or train a network on these"
        )


def _wrong_kind(folder: Path) -> str:
    if not folder.is_dir():
        return "no such folder or file"
    if (folder / "ptbxl_database.csv").is_file():
        return "a PTB-XL folder; prepare it first: ecg_tf prepare_data -ptbxl … -data …"
    if (folder / "about.json").is_file():
        return "a run folder, expected prepared records or an image tree"
    return "holds neither prepared records (ecg_tf prepare_data) nor an image tree"


def _warn_of_flat_leads(records: Records, partition: str) -> None:
    ecg = records.ecg
    flat = ecg.flat if isinstance(ecg, StoredECGs) else np.ptp(ecg, axis=1) == 0
    for k, lead in np.argwhere(flat):
        logging.warning(
            "%s: ecg_id %d: lead %s is flat; the network gets zeros",
            partition,
            records.ecg_id[k],
            records.leads[lead],
        )


def _pyts_images(
    records: Records,
    prepared: PreparedRecords | PackedRecords,
    partition: str,
    spec: InputSpec,
    image_cache: str | os.PathLike | None,
) -> Images:
    """`Images` that pyts makes, or that the cache holds, one record at a time."""

    def make(k: int) -> np.ndarray:
        name = f"{partition} record, ecg_id {records.ecg_id[k]}"
        return ecg_image(
            records.ecg[k], spec.leads, spec.channels, spec.image_size, name, spec.sampling_rate
        )

    def make_once(k: int) -> np.ndarray:
        if not cache.has(k):
            cache.write(k, make(k))
        return cache.read(k)

    read = make
    if image_cache is not None:
        cache = ImageCache(
            image_cache,
            partition,
            records.labels,
            ecg_hashes(records.ecg),
            **entries_of(spec),
            class_names=prepared.class_names,
            simulated=prepared.simulated,
            ecg_sha256=prepared.manifest["ecg_sha256"][partition],
            image_backend="pyts",
        )
        read = make_once
    return Images(records.labels, read, spec.shape)


def _open_tree(data: str | os.PathLike, partition: str, spec: InputSpec) -> Partition:
    tree = ImageTree(data, partition)
    for name, value in entries_of(spec).items():
        found = getattr(tree.description, name)
        if found != value:
            raise InputError(
                f"{data}: its images have {name} {found}, expected {value}, which the network "
                "takes; prepared records (ecg_tf prepare_data) fit every network"
            )
    images = Images(tree.labels, tree.read, spec.shape)
    return Partition(
        images,
        tree.class_names,
        tree.simulated,
        tree.description.ecg_sha256,
        tree_hashes=tree.ecg_hashes,
    )
