"""Computing the images of a partition once and storing them as an image tree."""

import dataclasses
import functools
import itertools
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ecg_tf.data.images.image_cache import ImageCache
from ecg_tf.data.images.image_description import entries_of
from ecg_tf.data.images.image_files import write_image
from ecg_tf.data.images.image_tree import ImageTree
from ecg_tf.data.images.pyts_images import check_ecg, check_scaling, ecg_image
from ecg_tf.data.labels import CLASSES
from ecg_tf.data.partitions import check_partition
from ecg_tf.data.prepared import PreparedRecords, Records
from ecg_tf.data.seen import ecg_hashes
from ecg_tf.data.study_pickles import ProcessedRecords, file_names, read_processed
from ecg_tf.errors import InputError
from ecg_tf.input_spec import InputSpec
from ecg_tf.leads import SAMPLING_RATE
from ecg_tf.preprocessing import GREY_LEVELS
from ecg_tf.processes import end_with_parent, kept_from_children
from ecg_tf.progress import Progress

# Worker processes import this module, so it does not import TensorFlow or Keras at its top.

_STUDY = InputSpec("image")
_JOBS = 1024  # records whose ecgs are in memory at a time, if they are read from the disk
_BATCH = 16  # records per batch of the Keras layer: the fastest size on two cores


class _Job(NamedTuple):
    """An image to compute: the number and the name of its record, the ecg and the label."""

    k: int
    name: str
    ecg: np.ndarray
    label: np.ndarray


def create_images(
    partition: str,
    save_dir: str | os.PathLike,
    spec: InputSpec = _STUDY,
    *,
    data: str | os.PathLike | None = None,
    processed: str | os.PathLike | None = None,
    image_backend: str = "pyts",
) -> ImageTree:
    """Write the images and labels of a partition to an image tree.

    Existing images are kept, so that an interrupted run can be resumed. With "pyts", one new
    process per core is started; a script that calls this function therefore needs the usual
    `if __name__ == "__main__":`.

    Args:
        partition: "train", "dev" or "test".
        save_dir: folder of the tree; it may hold other partitions.
        spec: the images; the sampling rate and the length are always those of the records. "pyts"
            supports scaling "record" only. Default: the study's images.
        data: folder of prepared records. Give either `data` or `processed`.
        processed: folder of the processed files of the study's code, see `read_processed`.
        image_backend: "pyts", or "keras" for `ecg_tf.layers.ECGImage` on the available device.

    Returns:
        The finished `ImageTree`.

    Raises:
        InputError: an argument, the data or an existing tree cannot be used.
        RecordError: a record has no image, because a lead is flat or not finite. The images written
            before are kept.

    Examples:
        >>> import tempfile
        >>> from ecg_tf.data.images.create_images import create_images
        >>> from ecg_tf.data.prepare import prepare
        >>> from ecg_tf.data.synthetic import write_folder
        >>> from ecg_tf.input_spec import InputSpec
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_folder(f"{folder}/ptbxl", records=20)
        ...     _ = prepare(f"{folder}/ptbxl", f"{folder}/data")
        ...     spec = InputSpec("image", leads=("I",), channels=("gaf", "rp"), image_size=32)
        ...     options = {"data": f"{folder}/data", "image_backend": "keras"}
        ...     tree = create_images("test", f"{folder}/images", spec, **options)
        ...     image = tree.read(0)
        >>> image.shape, image.dtype  # 1 lead × 2 channels
        ((32, 32, 2), dtype('uint8'))
    """
    check_partition(partition)
    if image_backend not in _MAKERS:
        raise InputError(f"image backend {image_backend!r}: expected {', '.join(_MAKERS)}")
    if image_backend == "pyts":
        check_scaling(spec.scaling)
    if (data is None) == (processed is None):
        raise InputError("expected either data or processed, one of the two")
    if data is not None:
        records, names, about, rate = _prepared(data, partition, spec.leads)
        samples = records.ecg.shape[1]
        spec = dataclasses.replace(spec, sampling_rate=rate, samples=samples)
    else:
        records, names, about = _processed(processed, partition, spec.leads)
    cache = ImageCache(
        save_dir,
        partition,
        records.labels,
        ecg_hashes(records.ecg),
        image_backend=image_backend,
        **entries_of(spec),
        **about,
    )
    missing = [k for k in range(len(records)) if not cache.has(k)]

    def jobs() -> Iterator[list[_Job]]:
        for start in range(0, len(missing), _JOBS):
            some = missing[start : start + _JOBS]
            yield [_Job(k, names[k], records.ecg[k], records.labels[k]) for k in some]

    done = len(records) - len(missing)
    with Progress(len(records), "images", "making", done) as progress:
        _MAKERS[image_backend](cache, spec, jobs(), progress.advance)
    return ImageTree(save_dir, partition)


def _prepared(
    data: str | os.PathLike, partition: str, leads: Sequence[str]
) -> tuple[Records, list[str], dict, int]:
    """Return records, a name for each, their entries in images.json, and their sampling rate."""
    prepared = PreparedRecords(data)
    records = prepared.read(partition, leads)
    return (
        records,
        [f"ecg_id {ecg_id}" for ecg_id in records.ecg_id],
        {
            "class_names": prepared.class_names,
            "simulated": prepared.simulated,
            "ecg_sha256": prepared.manifest["ecg_sha256"][partition],
        },
        prepared.manifest.get("sampling_rate", SAMPLING_RATE),
    )


def _processed(
    folder: str | os.PathLike, partition: str, leads: Sequence[str]
) -> tuple[ProcessedRecords, list[str], dict]:
    records = read_processed(folder, partition, leads)
    return (
        records,
        [f"{file_names(partition)[0]}, record {k}" for k in range(len(records))],
        {"class_names": CLASSES, "simulated": False, "ecg_sha256": records.ecg_sha256},
    )


# Each function computes the images of `jobs`, lists of at most `_JOBS` of them, and calls `advance`
# with the number of images written.


def _make_with_pyts(
    cache: ImageCache,
    spec: InputSpec,
    jobs: Iterable[list[_Job]],
    advance: Callable[[int], None],
) -> None:
    # Start new processes ("spawn"): a forked copy of a process that runs TensorFlow may hang.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), context, end_with_parent) as workers:
        write = functools.partial(_write_pyts_image, cache.folder, spec)
        try:
            for some in jobs:
                with kept_from_children():
                    written = workers.map(write, some)
                for _ in written:
                    advance(1)
        except BaseException:  # otherwise, leaving this block computes all other images first
            workers.shutdown(cancel_futures=True)
            raise


def _write_pyts_image(folder: Path, spec: InputSpec, job: _Job) -> None:
    image = ecg_image(
        job.ecg, spec.leads, spec.channels, spec.image_size, job.name, spec.sampling_rate
    )
    write_image(folder, job.k, image, job.label)


def _make_with_keras(
    cache: ImageCache,
    spec: InputSpec,
    jobs: Iterable[list[_Job]],
    advance: Callable[[int], None],
) -> None:
    import keras

    from ecg_tf.layers import ECGImage

    ecg = keras.Input(spec.ecg_shape)
    image = ECGImage(spec.channels, spec.image_size, spec.scaling, spec.sampling_rate)(ecg)
    model = keras.Model(ecg, image)

    def write(job: _Job, image: np.ndarray) -> None:
        cache.write(job.k, np.rint(GREY_LEVELS * image).astype(np.uint8))

    with ThreadPoolExecutor() as threads:
        some_jobs = itertools.chain.from_iterable(jobs)
        while batch := list(itertools.islice(some_jobs, _BATCH)):
            for job in batch:
                check_ecg(job.ecg, spec.leads, job.name)
            # The last batch is padded: another shape would be compiled again.
            padded = itertools.islice(itertools.cycle(batch), _BATCH)
            images = model.predict_on_batch(np.stack([job.ecg for job in padded]))
            list(threads.map(write, batch, images))
            advance(len(batch))


_MAKERS = {"pyts": _make_with_pyts, "keras": _make_with_keras}
