"""Make the images of a partition once, as an image tree."""

import functools
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np

from ecg_tf.data.images.image_tree import ImageCache, ImageTree, write_image
from ecg_tf.data.images.pyts_images import check_ecg, ecg_image
from ecg_tf.data.labels import CLASSES
from ecg_tf.data.partitions import check_partition
from ecg_tf.data.seen import ecg_hashes
from ecg_tf.data.study_pickles import file_names, read_processed
from ecg_tf.errors import InputError
from ecg_tf.leads import DEFAULT_LEADS
from ecg_tf.preprocessing import (
    CHANNELS,
    GREY_LEVELS,
    IMAGE_SIZE,
    SCALINGS,
    check_channels,
    resize_taps,
)
from ecg_tf.processes import kept_from_children
from ecg_tf.progress import Progress

# Worker processes import this module: no TensorFlow or Keras at its top.

_BATCH = 8  # records that the layers turn into images at a time: the fastest on two cores


def create_images(
    partition,
    save_dir,
    *,
    data=None,
    processed=None,
    leads=DEFAULT_LEADS,
    channels=CHANNELS,
    size=IMAGE_SIZE,
    scaling=SCALINGS[0],
    image_backend="pyts",
):
    """Write the images and labels of a partition to an image tree.

    Images that are there already are kept: an interrupted run goes on where it stopped. With pyts,
    one process per core is started afresh, so a script that calls this needs the usual
    `if __name__ == "__main__":`.

    Args:
        partition: "train", "dev" or "test".
        save_dir: the tree; other partitions of it may be there.
        data: a folder of prepared records; this or `processed`.
        processed: a folder of the original's processed files, see `read_processed`.
        leads: the leads used, in order.
        channels: the images of each lead, in order, among "gaf", "mtf", "rp".
        size: height and width of the images.
        scaling: of the leads, one of `ecg_tf.preprocessing.SCALINGS`; pyts makes the study's,
            "record".
        image_backend: "pyts", or "keras" for `ecg_tf.layers.ECGImage` on the device at hand.

    Returns:
        The finished `ImageTree`.

    Raises:
        InputError: anything about the arguments, the data or the tree that cannot be used.
        RecordError: a record of which no image can be made. Images made so far stay.
    """
    check_partition(partition)
    check_channels(channels)
    if image_backend not in _MAKERS:
        raise InputError(f"image backend {image_backend!r}: expected {', '.join(_MAKERS)}")
    if scaling not in SCALINGS:
        raise InputError(f"scaling {scaling!r}: expected {', '.join(SCALINGS)}")
    if scaling != SCALINGS[0] and image_backend == "pyts":
        raise InputError(
            f"scaling {scaling}: pyts makes the study's images, of scaling {SCALINGS[0]}; "
            "expected image_backend keras"
        )
    if (data is None) == (processed is None):
        raise InputError("expected either data or processed, one of the two")
    if data is not None:
        records, names, about = _prepared(data, partition, leads)
    else:
        records, names, about = _processed(processed, partition, leads)
    resize_taps(records.ecg.shape[1], size)  # an InputError if there is no such size
    cache = ImageCache(
        save_dir,
        partition,
        records.labels,
        ecg_hashes(records.ecg),
        leads=leads,
        channels=channels,
        size=size,
        image_backend=image_backend,
        scaling=scaling,
        **about,
    )
    todo = [k for k in range(len(records)) if not cache.has(k)]
    done = len(records) - len(todo)
    with Progress(len(records), "images", "making", done) as progress:
        advance = progress.advance
        more = {} if image_backend == "pyts" else {"scaling": scaling}
        _MAKERS[image_backend](cache, todo, records, names, channels, size, advance, **more)
    return ImageTree(save_dir, partition)


def _prepared(data, partition, leads):
    """The records of a partition, a name for each, and what the tree says of them."""
    from ecg_tf.data.prepared import PreparedRecords

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
    )


def _processed(folder, partition, leads):
    records = read_processed(folder, partition, leads)
    return (
        records,
        [f"{file_names(partition)[0]}, record {k}" for k in range(len(records))],
        {"class_names": CLASSES, "simulated": False, "ecg_sha256": records.ecg_sha256},
    )


# Each makes the images `todo` and, as it goes, calls `advance` with how many more are written.


def _make_with_pyts(cache, todo, records, names, channels, size, advance):
    # Fresh processes ("spawn"): a copy of one that runs TensorFlow may hang in its threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), context) as workers:
        common = functools.partial(_write_pyts_image, cache.folder, records.leads, channels, size)
        jobs = [(k, names[k], records.ecg[k], records.labels[k]) for k in todo]
        try:
            with kept_from_children():
                written = workers.map(common, *zip(*jobs, strict=True))
            for _ in written:
                advance(1)
        except BaseException:  # leaving this block would first make all the other images
            workers.shutdown(cancel_futures=True)
            raise


def _write_pyts_image(folder, leads, channels, size, k, name, ecg, label):
    write_image(folder, k, ecg_image(ecg, leads, channels, size, name), label)


def _make_with_keras(cache, todo, records, names, channels, size, advance, scaling):
    import keras

    from ecg_tf.layers import ECGImage

    ecg = keras.Input(records.ecg.shape[1:])
    model = keras.Model(ecg, ECGImage(channels, size, scaling)(ecg))
    model.compile(jit_compile=True)

    def write(k, image):
        cache.write(k, np.rint(GREY_LEVELS * image).astype(np.uint8))

    with ThreadPoolExecutor() as threads:
        for start in range(0, len(todo), _BATCH):
            batch = todo[start : start + _BATCH]
            for k in batch:
                check_ecg(records.ecg[k], records.leads, names[k])
            # The last batch is filled up: another shape would be compiled anew.
            images = model.predict_on_batch(records.ecg[np.resize(batch, _BATCH)])
            list(threads.map(write, batch, images))
            advance(len(batch))


_MAKERS = {"pyts": _make_with_pyts, "keras": _make_with_keras}
