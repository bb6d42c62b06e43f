"""Speed and memory of the image backends, beside a plain computation with pyts."""

import functools
import os
from pathlib import Path

import numpy as np

from ecg_tf.commands import app
from ecg_tf.leads import DEFAULT_LEADS
from speed.measuring import cores, in_a_process, measure, simulated_ecgs

BATCH_SIZES = (4, 8, 16, 32, 64)  # of the Keras backend
BAND = 64  # as in ecg_tf.models.band_resnet, whose module imports Keras

_ROW = "{:34} {:>5} {:>5} {:>10} {:>8} {:>8} {:>8}"


def images(passes, memory_records):
    """Print rates and memory of the image backends.

    Each row is measured in a process of its own, on 64 simulated ECGs.

    Args:
        passes: number of timed passes per row; the table shows their median rate.
        memory_records: number of records in the pass that measures memory.
    """
    ecg = simulated_ecgs()
    print(f"Images 256 × 256 × 9 of leads {', '.join(DEFAULT_LEADS)}, median of {passes} passes")
    print(_ROW.format("", "cores", "batch", "records/s", "× plain", "first s", "peak MB"))
    plain = measure(plain_pyts, ecg[:8], 1, passes)
    _print_row("plain pyts, full size, resized", 1, 1, plain, plain)
    _print_row("pyts backend", 1, 1, measure(pyts_backend, ecg, 1, passes), plain)
    for batch_size in BATCH_SIZES:
        backend = functools.partial(keras_backend, batch_size=batch_size)
        measured = measure(backend, ecg, cores(), passes)
        _print_row("keras backend", cores(), batch_size, measured, plain)
    backend = functools.partial(keras_backend, batch_size=batch_size, band=BAND)
    measured = measure(backend, ecg, cores(), passes)
    _print_row("keras backend, band_resnet's band", cores(), batch_size, measured, plain)
    resident = in_a_process(watch_memory, ecg, batch_size, memory_records)
    print(
        f"\nResident memory during one pass of the keras backend, batches of {batch_size}, "
        f"over {memory_records:,} records, MB from the first batch to the last:\n"
        + " ".join(f"{megabytes:.0f}" for megabytes in resident)
    )


def _print_row(name, cores, batch_size, measured, plain):
    numbers = measured.rate, measured.rate / plain.rate, measured.first, measured.peak
    formats = ("{:.1f}", "{:.1f}", "{:.1f}", "{:.0f}")
    cells = [form.format(number) for form, number in zip(formats, numbers, strict=True)]
    print(_ROW.format(name, cores, batch_size, *cells), flush=True)


# Each backend takes ECGs (record, time, lead) and returns a function that computes the images of
# all of them once and returns the number of records.


def plain_pyts(ecg):
    """Full-size images with pyts, then a bilinear resize."""
    from pyts.image import GramianAngularField, MarkovTransitionField, RecurrencePlot
    from scipy import signal

    from ecg_tf.preprocessing import IMAGE_SIZE, butterworth, resize_taps

    time_ = ecg.shape[1]
    gaf = GramianAngularField(image_size=time_, method="summation")
    mtf = MarkovTransitionField(image_size=time_, n_bins=10, strategy="uniform")
    rp = RecurrencePlot(threshold=None)
    index, weight = resize_taps(time_, IMAGE_SIZE)

    def resized(field):
        field = field[:, index] * (1 - weight)[:, None] + field[:, index + 1] * weight[:, None]
        return field[:, :, index] * (1 - weight) + field[:, :, index + 1] * weight

    def image(record):
        filtered = signal.sosfilt(butterworth(), record, axis=0).T
        low, high = (f(axis=1, keepdims=True) for f in (filtered.min, filtered.max))
        x = (filtered - low) / (high - low)
        fields = ((gaf.transform(x) + 1) / 2, mtf.transform(x) / 5, rp.transform(x))
        grey = np.stack([np.floor(255 * resized(field)) for field in fields], axis=1)
        return grey.astype(np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)

    return lambda: len([image(record) for record in ecg])


def pyts_backend(ecg):
    """The pyts backend of ecg_tf."""
    from ecg_tf.data.images.pyts_images import ecg_image

    return lambda: len([ecg_image(record, DEFAULT_LEADS) for record in ecg])


def keras_backend(ecg, batch_size, records=512, after_batch=lambda batch: None, band=None):
    """The Keras backend of ecg_tf in a graph, as in training, on `records` records in a pass."""
    app.keep_freed_memory()  # as every command does
    import tensorflow as tf

    from ecg_tf.layers import ECGImage

    image = tf.function(ECGImage(band=band), autograph=False)
    batches = tf.data.Dataset.from_tensor_slices(ecg.astype("float32"))
    batches = batches.repeat().batch(batch_size).take(records // batch_size)

    def one_pass():
        for number, batch in enumerate(batches):
            image(batch)
            after_batch(number)
        return len(batches) * batch_size

    return one_pass


def watch_memory(ecg, batch_size, records):
    """Resident memory, MB, some ten times during one pass of the Keras backend."""
    resident = []

    def after_batch(number):
        if number % (records // batch_size // 10) == 0:
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            resident.append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)

    keras_backend(ecg, batch_size, records, after_batch)()
    return resident
