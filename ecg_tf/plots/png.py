"""Figures as PNG files."""

import io
from pathlib import Path

import numpy as np
import PIL.Image
from matplotlib.backends.backend_agg import FigureCanvasAgg

from ecg_tf.errors import InputError
from ecg_tf.files import write_atomically
from ecg_tf.places import check_file


def check_png(out):
    """`out` as a Path; an InputError unless it ends in .png and can be written."""
    out = Path(out)
    if out.suffix.lower() != ".png":
        raise InputError(f"{out}: expected a file name that ends in .png")
    check_file(out)
    return out


def write_png(figure, out):
    """Write a matplotlib figure into the file `out`, whole or not at all.

    It has 256 colours, which makes a fourth of the size and no difference to the eye.
    """
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    picture = PIL.Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    png = io.BytesIO()
    picture.quantize(method=PIL.Image.Quantize.FASTOCTREE, dither=PIL.Image.Dither.NONE).save(
        png, "png", optimize=True
    )
    write_atomically(out, png.getvalue())
