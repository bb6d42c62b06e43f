"""Figures as PNG files."""

import io
import os
from pathlib import Path

import numpy as np
import PIL.Image
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ecg_tf.errors import InputError
from ecg_tf.files import write_atomically
from ecg_tf.places import check_file


def check_png(out: str | os.PathLike) -> Path:
    """Check that a file can be written and that its name ends in .png.

    Args:
        out: path of the file.

    Returns:
        The path as a Path.

    Raises:
        InputError: another ending, or a file that cannot be written.
    """
    out = Path(out)
    if out.suffix.lower() != ".png":
        raise InputError(f"{out}: expected a file name that ends in .png")
    check_file(out)
    return out


def write_png(figure: Figure, out: str | os.PathLike) -> None:
    """Write a matplotlib figure as a PNG file, atomically; see `png_bytes`.

    Args:
        figure: the matplotlib figure.
        out: path of the file.
    """
    write_atomically(out, png_bytes(figure))


def png_bytes(figure: Figure) -> bytes:
    """Render a matplotlib figure as PNG.

    The picture has 256 colours: a quarter of the size, without a visible difference.

    Args:
        figure: the matplotlib figure.

    Returns:
        The content of a PNG file.
    """
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    picture = PIL.Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    png = io.BytesIO()
    picture.quantize(method=PIL.Image.Quantize.FASTOCTREE, dither=PIL.Image.Dither.NONE).save(
        png, "png", optimize=True
    )
    return png.getvalue()
