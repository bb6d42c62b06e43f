"""Pictures of records: their leads, and the images of the leads."""

from pathlib import Path

import keras
import numpy as np
from matplotlib.figure import Figure

from ecg_tf.data.any_ecg import read_12_leads
from ecg_tf.data.ecg_files.wfdb_record import standard_ecg
from ecg_tf.data.images.pyts_images import check_ecg
from ecg_tf.errors import InputError, RecordError
from ecg_tf.layers import Bandpass, ECGImage
from ecg_tf.leads import DEFAULT_LEADS, check_signal, lead_indices
from ecg_tf.plots.ecg_paper import FAINT, draw_paper, draw_trace, lead_axes
from ecg_tf.plots.png import check_png, write_png
from ecg_tf.preprocessing import CHANNELS, IMAGE_SIZE, MTF_SCALE, check_channels

# For each channel: its name, the quantity that its colours show, a function from the image's values
# in [0, 1] to this quantity, its range, and a colour map (diverging for the cosine).
_CHANNELS = {
    "gaf": (
        "Gramian angular field",
        "cos(φᵢ + φⱼ)",
        lambda image: 2 * image - 1,
        (-1, 1),
        "RdBu_r",
    ),
    "mtf": (
        "Markov transition field",
        "transition probability",
        lambda image: image / MTF_SCALE,
        (0, 1),
        "viridis",
    ),
    "rp": ("Recurrence plot", "|xᵢ − xⱼ|", lambda image: image, (0, 1), "magma_r"),
}
_COLOUR_BAR = 0.04  # height, relative to that of an image


def plot_record(path, out, leads=DEFAULT_LEADS, channels=CHANNELS, **how):
    """Draw the leads of a record and their images into a PNG file.

    Args:
        path: an ECG of any readable kind: 12 leads, 100 to 1000 Hz, 2.5 to 60 s.
        out: path of the PNG file; its folder must exist. Written atomically.
        leads: names of the leads to draw, in order.
        channels: the images of each lead to draw, in order: any of "gaf", "mtf", "rp".
        **how: further arguments of `ecg_tf.data.any_ecg.read_any`.

    Raises:
        InputError: the path does not end in .png, its folder does not exist, or leads or channels
            are unknown.
        RecordError: the record cannot be read, does not have 12 leads, has another sampling rate or
            length, or one of `leads` is flat.
    """
    out = check_png(out)
    columns = lead_indices(leads)
    channels = check_channels(channels)
    record = read_12_leads(path, **how)
    rate, samples = record.sampling_rate, len(record.ecg)
    rate = int(rate) if rate == int(rate) else rate
    try:
        check_signal(rate, samples)
    except InputError as error:
        raise RecordError(f"{record.name}: {error}") from error
    ecg = check_ecg(standard_ecg(record, rate, samples)[:, columns], leads, record.name)
    image = ECGImage(channels, min(IMAGE_SIZE, samples), sampling_rate=rate)
    title = Path(record.name).name + ("  ·  simulated ECG" if record.simulated else "")
    write_png(_draw(ecg.astype(np.float32), leads, image, title), out)


def _draw(ecg, leads, image, title):
    """The figure of an ECG (time, lead) and its images from the layer `image`."""
    rows, columns = len(leads), len(image.channels)
    filtered = keras.ops.convert_to_numpy(Bandpass(image.sampling_rate)(ecg[None]))[0]

    heights = 0.9 * rows + 0.9, _image_side(columns) * (rows + _COLOUR_BAR) + 1.0
    figure = Figure(figsize=(9.6, sum(heights)), dpi=100, layout="constrained")
    top, bottom = figure.subfigures(2, height_ratios=heights)
    top.suptitle(title, x=0.01, horizontalalignment="left", fontsize=14, fontweight="bold")
    _draw_traces(top, ecg, filtered, leads, image.sampling_rate)
    _draw_images(bottom, ecg, leads, image)
    return figure


def image_figure(ecg, leads, sampling_rate, channels=CHANNELS):
    """Draw the images of some leads: a row for each lead, a column for each type of image.

    Args:
        ecg: float32 (time, lead) millivolt.
        leads: names of the leads of `ecg`.
        sampling_rate: sampling rate of `ecg`, Hz.
        channels: types of images, in order: any of "gaf", "mtf", "rp".

    Returns:
        matplotlib.figure.Figure.
    """
    image = ECGImage(channels, min(IMAGE_SIZE, len(ecg)), sampling_rate=sampling_rate)
    height = _image_side(len(channels)) * (len(leads) + _COLOUR_BAR) + 1.0
    figure = Figure(figsize=(9.6, height), dpi=100, layout="constrained")
    _draw_images(figure, ecg, leads, image)
    return figure


def _draw_traces(figure, ecg, filtered, leads, rate):
    axes = lead_axes(figure, leads)
    for axis, raw, clean in zip(axes, ecg.T, filtered.T, strict=True):
        draw_trace(axis, raw, color=FAINT, label="as recorded", sampling_rate=rate)
        draw_trace(axis, clean, label="band-passed 1–45 Hz", sampling_rate=rate)
        draw_paper(axis)
    axes[0].legend(loc="lower right", bbox_to_anchor=(1, 0.98), ncols=2, frameon=False, fontsize=9)


def _image_side(columns):
    """Side of an image if there are so many beside each other, inches."""
    return min(9.0 / columns, 4.5)


def _draw_images(figure, ecg, leads, image):
    """Draw the images of an ECG (time, lead) from the layer `image`, with their axes."""
    rows, columns, seconds = len(leads), len(image.channels), len(ecg) / image.sampling_rate
    images = keras.ops.convert_to_numpy(image(ecg[None]))[0]
    images = images.reshape(*images.shape[:2], rows, columns)
    axes = figure.subplots(
        rows + 1, columns, squeeze=False, height_ratios=[1] * rows + [_COLOUR_BAR]
    )
    for column, channel in enumerate(image.channels):
        name, meaning, quantity, (low, high), colours = _CHANNELS[channel]
        for row, lead in enumerate(leads):
            axis = axes[row, column]
            drawn = axis.imshow(
                quantity(images[:, :, row, column]),
                cmap=colours,
                vmin=low,
                vmax=high,
                extent=(0, seconds, seconds, 0),
            )
            axis.tick_params(labelsize=9, labelleft=column == 0, labelbottom=row == rows - 1)
            if column == 0:
                axis.set_ylabel(f"{lead}  ·  seconds")
        axes[0, column].set_title(name, fontsize=11, fontweight="bold")
        axes[rows - 1, column].set_xlabel("seconds")
        bar = figure.colorbar(drawn, cax=axes[rows, column], orientation="horizontal")
        bar.set_label(meaning)
        bar.ax.tick_params(labelsize=9)
