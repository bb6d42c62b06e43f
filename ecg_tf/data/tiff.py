"""Plain TIFF files of 8-bit images, read strictly.

A TIFF can say that its pixels are in other files (OME), that there are 10^9 of them, or how to
decode them by a program. Here it is read as pages of bytes in the file itself, and nothing else:
what `tifffile.imwrite` writes of a uint8 array (plane, height, width), uncompressed or by zlib.

Adobe Developers Association, "TIFF Revision 6.0", 1992.
"""

import math
import struct
import zlib

import numpy as np

from ecg_tf.errors import InputError
from ecg_tf.files import read_bytes
from ecg_tf.leads import SAMPLES

_MOST_TAGS = 100  # of a page; more than a plain image has
_MOST_METADATA = 2**18  # bytes of a file that are no pixels

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_DESCRIPTION, _OFFSETS, _PLANES, _COUNTS, _LAYOUT = 270, 273, 277, 279, 284
_FILL_ORDER, _PREDICTOR, _FORMAT = 266, 317, 339
_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8,
          17: 8, 18: 8}  # fmt: skip
_INTEGERS = {1: "B", 3: "H", 4: "I", 16: "Q"}
_ZLIB = (8, 32946)
_KINDS = {1: "uint", 2: "int", 3: "float"}


class _DamagedError(Exception):
    pass


def read_tiff(path, planes, size=None):
    """Read the planes of a square image.

    Args:
        path: the file.
        planes: how many there are, each a page of its own or all in one page.
        size: height and width; None for what the file has, at most `ecg_tf.leads.SAMPLES`.

    Returns:
        uint8 (plane, size, size).

    Raises:
        InputError: no such file, one that is too large, no plain TIFF, a damaged one, or an image
            of another type or shape.
    """
    content = read_bytes(path, planes * (size or SAMPLES) ** 2 + _MOST_METADATA)
    try:
        file = _File(content)
        pages = [_Page(file, tags) for tags in file.pages(planes + 1)]
        first = pages[0]
        if any((page.shape, page.dtype) != (first.shape, first.dtype) for page in pages):
            raise _DamagedError("its pages are of different shapes")
        shape = (first.shape[0] * len(pages), *first.shape[1:])
        side = size or min(max(first.shape[1], 1), SAMPLES)
        expected = (planes, side, side)
        if shape != expected or first.dtype != "uint8":
            raise InputError(f"{path}: {first.dtype} {shape}, expected uint8 {expected}")
        pixels = bytearray().join(strip for page in pages for strip in page.strips())
    except (_DamagedError, struct.error) as error:
        raise InputError(f"{path}: not a readable TIFF: {error}") from error
    return np.frombuffer(pixels, np.uint8).reshape(expected)


class _File:
    """The structure of a TIFF: pages of tags, classic or "BigTIFF"."""

    def __init__(self, content):
        self.content = content
        order = {b"II": "<", b"MM": ">"}.get(content[:2])
        if order is None:
            raise _DamagedError(f"begins with {content[:2]!r}, expected b'II' or b'MM'")
        self._order = order
        (version,) = self._numbers(2, "H")
        if version not in (42, 43):
            raise _DamagedError(f"version {version}, expected 42 or 43")
        # Of the count of tags, of an offset, and where the offset of the first page is.
        self._count, self._offset, self._first = ("H", "I", 4) if version == 42 else ("Q", "Q", 8)
        self._width = struct.calcsize(f"={self._offset}")

    def _numbers(self, position, letter, count=1):
        if position > len(self.content):
            raise _DamagedError(f"a page or tag at byte {position}, behind its end")
        return struct.unpack_from(f"{self._order}{count}{letter}", self.content, position)

    def pages(self, most):
        """{tag: its integers or bytes} of each page, of `most` at most."""
        (position,) = self._numbers(self._first, self._offset)
        pages = []
        while position and len(pages) < most:
            tags, position = self._page(position)
            pages.append(tags)
        if not pages:
            raise _DamagedError("no page")
        return pages

    def _page(self, position):
        """The tags of a page, and the position of the next one or 0."""
        (count,) = self._numbers(position, self._count)
        if not 0 < count <= _MOST_TAGS:
            raise _DamagedError(f"{count} tags, expected 1 to {_MOST_TAGS}")
        position += struct.calcsize(f"={self._count}")
        tags = {}
        for _ in range(count):  # tag, type, number of values, and the values or where they are
            tag, kind = self._numbers(position, "H", 2)
            (number,) = self._numbers(position + 4, self._offset)
            tags[tag] = self._value(tag, kind, number, position + 4 + self._width)
            position += 4 + 2 * self._width
        (following,) = self._numbers(position, self._offset)
        return tags, following

    def _value(self, tag, kind, number, place):
        size = _BYTES.get(kind, 1) * number
        if size > self._width:
            (place,) = self._numbers(place, self._offset)
        if place + size > len(self.content):
            raise _DamagedError(f"tag {tag} lies behind its end")
        if kind in _INTEGERS:
            return self._numbers(place, _INTEGERS[kind], number)
        return self.content[place : place + size]


class _Page:
    """The pixels of a page, plane after plane.

    Attributes:
        shape: (plane, height, width).
        dtype: its numpy name.
    """

    def __init__(self, file, tags):
        self._file, self._tags = file, tags
        planes = self._number(_PLANES, 1)
        self.shape = planes, self._number(_HEIGHT), self._number(_WIDTH)
        bits, kind = self._number(_BITS, 1), self._number(_FORMAT, 1)
        self.dtype = f"{_KINDS.get(kind, 'unknown')}{bits}"
        description = tags.get(_DESCRIPTION, b"")
        if not isinstance(description, bytes) or description.lstrip()[:1] == b"<":
            raise _DamagedError("OME-TIFF, which may name other files; expected a plain one")
        for tag, name, known in (
            (_COMPRESSION, "compression", (1, *_ZLIB)),
            (_PHOTOMETRIC, "photometric interpretation", (1, 2)),
            (_LAYOUT, "planar configuration", (1, 2) if planes == 1 else (2,)),
            (_FILL_ORDER, "fill order", (1,)),
            (_PREDICTOR, "predictor", (1,)),
        ):
            found = self._number(tag, 1)
            if found not in known:
                raise _DamagedError(f"{name} {found}, expected {' or '.join(map(str, known))}")

    def strips(self):
        """The bytes of all planes, of an image whose dtype is uint8, in parts."""
        left = math.prod(self.shape)
        offsets, counts = self._tags.get(_OFFSETS, ()), self._tags.get(_COUNTS, ())
        if len(offsets) != len(counts) or isinstance(offsets, bytes) or isinstance(counts, bytes):
            raise _DamagedError("its strips are not all said where and how long")
        for offset, count in zip(offsets, counts, strict=True):
            strip = memoryview(self._file.content)[offset : offset + count]
            if len(strip) < count:
                raise _DamagedError("a strip of pixels lies behind its end")
            if self._number(_COMPRESSION, 1) in _ZLIB:
                strip = _decompressed(strip, left)
            left -= len(strip)
            if left < 0:
                raise _DamagedError("too many pixels for its shape")
            yield strip
        if left:
            raise _DamagedError("too few pixels for its shape")

    def _number(self, tag, default=None):
        """The integer that a tag has, the same for each plane."""
        values = self._tags.get(tag, (default,))
        if isinstance(values, bytes) or len(set(values)) != 1 or values[0] is None:
            raise _DamagedError(f"tag {tag} is missing or no integer")
        return values[0]


def _decompressed(strip, most):
    """What zlib makes of a strip: `most` bytes at most, and one more if there are more."""
    decoder = zlib.decompressobj()
    try:
        found = decoder.decompress(strip, most + 1)
    except zlib.error as error:
        raise _DamagedError(f"its pixels cannot be decompressed: {error}") from error
    if len(found) <= most and not decoder.eof:
        raise _DamagedError("its compressed pixels end too early")
    return found
