"""Reading TIFF files, refusing damaged ones, and opening no other file that they refer to."""

import builtins
import io
import struct
import zlib

import numpy as np
import pytest
import tifffile

from ecg_tf.data.formats.tiff import read_tiff
from ecg_tf.errors import InputError

IMAGE = np.random.default_rng(4).integers(0, 256, (9, 16, 16), np.uint8)


def tiff(image=IMAGE, **options):
    file = io.BytesIO()
    tifffile.imwrite(file, image, **{"photometric": "minisblack", **options})
    return file.getvalue()


@pytest.mark.parametrize(
    ("planes", "options"),
    [
        (9, {}),
        (9, {"photometric": None}),
        (1, {}),
        (3, {"photometric": "rgb", "planarconfig": "separate"}),  # one page of three planes
        (4, {"photometric": "rgb", "planarconfig": "separate"}),
        (9, {"byteorder": ">"}),
        (9, {"bigtiff": True}),
        (9, {"bigtiff": True, "byteorder": ">"}),
        (9, {"rowsperstrip": 5}),
        (9, {"metadata": None}),
    ],
)
def test_files_written_by_tifffile_are_read(tmp_path, planes, options):
    path = tmp_path / "0.tif"
    path.write_bytes(tiff(IMAGE[:planes], **options))
    np.testing.assert_array_equal(tifffile.imread(path).reshape(planes, 16, 16), IMAGE[:planes])
    for size in (16, None):
        found = read_tiff(path, planes, size)
        assert found.dtype == np.uint8
        np.testing.assert_array_equal(found, IMAGE[:planes])


def ome(name):
    xml = (
        '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" '
        'UUID="urn:uuid:1"><Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" '
        'Type="uint8" SizeX="16" SizeY="16" SizeZ="9" SizeC="1" SizeT="1"><TiffData IFD="0" '
        f'PlaneCount="9" FirstZ="0"><UUID FileName="{name}">urn:uuid:2</UUID></TiffData>'
        "</Pixels></Image></OME>"
    )
    return tiff(IMAGE, description=xml, metadata=None)


@pytest.mark.parametrize("whole", [True, False])
def test_planes_in_another_file_are_never_opened(tmp_path, monkeypatch, whole):
    other, path = tmp_path / "other.tif", tmp_path / "tree/0.tif"
    other.write_bytes(tiff())
    path.parent.mkdir()
    path.write_bytes(ome(other if whole else "../other.tif"))
    opened, real = [], builtins.open

    def watched(file, *args, **options):
        opened.append(str(file))
        return real(file, *args, **options)

    monkeypatch.setattr(builtins, "open", watched)
    with pytest.raises(InputError, match=r"0\.tif: .*OME-TIFF, which may name other files"):
        read_tiff(path, 9)
    assert opened == [str(path)]


@pytest.mark.parametrize(
    ("image", "found"),
    [
        (np.zeros((8, 16, 16), np.uint8), r"uint8 \(8, 16, 16\)"),
        (np.zeros((10, 16, 16), np.uint8), r"uint8 \(10, 16, 16\)"),
        (np.zeros((300, 16, 16), np.uint8), r"uint8 \(10, 16, 16\)"),  # further pages are not read
        (np.zeros((9, 16, 17), np.uint8), r"uint8 \(9, 16, 17\)"),
        (np.zeros((9, 16, 16), np.uint16), r"uint16 \(9, 16, 16\)"),
        (np.zeros((9, 16, 16), np.int8), r"int8 \(9, 16, 16\)"),
        (np.zeros((9, 16, 16), np.float32), r"float32 \(9, 16, 16\)"),
    ],
)
@pytest.mark.parametrize("size", [16, None])
def test_image_of_another_shape_or_type_is_refused(tmp_path, image, found, size):
    path = tmp_path / "0.tif"
    path.write_bytes(tiff(image))
    with pytest.raises(InputError, match=rf"0\.tif: {found}, expected uint8 \(9, 16, 16\)"):
        read_tiff(path, 9, size)


def page(width=16, height=16, compression=1, counts=256, offset=200, strip=b"", more=()):
    """Build a TIFF file with one page and one plane by hand."""
    tags = {
        256: width, 257: height, 258: 8, 259: compression, 262: 1, 273: offset, 277: 1, 279: counts,
        **dict(more),
    }  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, tags[tag]) for tag in sorted(tags))
    content = struct.pack("<2sHIH", b"II", 42, 8, len(tags)) + entries + bytes(4)
    return content.ljust(200, b"\0") + strip


def test_page_written_by_hand_is_read(tmp_path):
    path = tmp_path / "0.tif"
    path.write_bytes(page(strip=IMAGE[0].tobytes()))
    np.testing.assert_array_equal(read_tiff(path, 1), IMAGE[:1])


BOMB = zlib.compress(bytes(2**24))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (page(10**9, 1), r"\(1, 1, 1000000000\)"),
        (page(2**32 - 1, 2**32 - 1), r"\(1, 4294967295, 4294967295\)"),
        (page(), "not as many pixels as its shape"),
        (page(offset=2**32 - 10), "not as many pixels as its shape"),
        (page(counts=2**32 - 1, strip=bytes(256)), "not as many pixels as its shape"),
        (page(counts=255, strip=bytes(256)), "not as many pixels as its shape"),
        (page(counts=257, strip=bytes(300)), "not as many pixels as its shape"),
        (page(compression=8, counts=len(BOMB), strip=BOMB), "compressed"),
        (page(compression=8, strip=bytes(256)), "compressed"),
        (page(compression=8, counts=9, strip=zlib.compress(bytes(256))), "compressed"),
        (page(compression=7, strip=bytes(256)), "compressed"),
        (page(strip=bytes(256), more={262: 0}), "black is not 0"),
        (page(strip=bytes(256), more={317: 2}), "compressed"),
        (page(0, 0, counts=0), r"uint8 \(1, 0, 0\)"),
        (page(strip=bytes(256)).replace(struct.pack("<HI", 4, 1), struct.pack("<HI", 4, 10**9)),
         "not a readable TIFF"),
        (b"II*\0" + struct.pack("<IHI", 8, 0, 8), "not a readable TIFF"),
        (b"II*\0" + struct.pack("<IH", 8, 65535), "not a readable TIFF"),
        (b"II*\0" + struct.pack("<I", 0), "not a readable TIFF"),
        (b"II*\0", "buffer"),
        (b"II+\0" + bytes(4) + struct.pack("<Q", 2**63), "not a readable TIFF"),
        (b"", "not a readable TIFF"),
        (b"\x89PNG", "not a readable TIFF"),
        (tiff(IMAGE[:1])[:-1], "not as many pixels as its shape"),
        (tiff(), r"uint8 \(2, 16, 16\)"),
        (bytes(2**21), r"2097152 bytes, expected at most 1262144"),
    ],
)  # fmt: skip
def test_damaged_file_is_named(tmp_path, content, message):
    path = tmp_path / "0.tif"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"0\.tif: .*{message}"):
        read_tiff(path, 1)


def test_page_that_links_to_itself_is_refused(tmp_path):
    path = tmp_path / "0.tif"
    content = bytearray(page(strip=bytes(256)))
    struct.pack_into("<I", content, 8 + 2 + 8 * 12, 8)
    path.write_bytes(bytes(content))
    with pytest.raises(InputError, match=r"uint8 \(2, 16, 16\), expected uint8 \(1, 16, 16\)"):
        read_tiff(path, 1)
