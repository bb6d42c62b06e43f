"""Reading the data sets and attributes in HDF5 files by h5py."""

import io
import os

import numpy as np

from ecg_tf.data.ecg_files.numpy_arrays import MOST_BYTES, content_of
from ecg_tf.errors import RecordError

_MOST_ITEMS = 10_000  # data sets and attributes
_MOST_CELLS = 1000  # of a cell array of MATLAB


def read_hdf5(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """Read all data sets and attributes in an HDF5 file.

    Links are not followed: neither to other places in the file nor to other files.

    Args:
        path: the file.

    Returns:
        {"group/name": array of numbers or texts}; an attribute is named after what it belongs to,
        "group/name/attribute".

    Raises:
        RecordError: the file cannot be read, is damaged, or holds more than 512 MiB of numbers.
    """
    return parse_hdf5(path, content_of(path))


def parse_hdf5(path: str | os.PathLike, content: bytes) -> dict[str, np.ndarray]:
    """Parse the content of an HDF5 file, see `read_hdf5`; `path` is its name in errors."""
    import h5py

    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            return _Reader(path, file).found
    except RecordError:
        raise
    except Exception as error:  # h5py raises many kinds of errors
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RecordError(f"{path}: cannot be read as HDF5: {reason:.100}") from error


class _Reader:
    """All values in an open file.

    Args:
        path: name of the file in errors.
        file: `h5py.File`.
    """

    def __init__(self, path, file):
        self._path, self._file = path, file
        self._left = MOST_BYTES
        self.found = {}
        self._add_attributes("", file)
        file.visititems(self._add)

    def _add(self, name, item):
        """Add a data set and its attributes; `visititems` follows no links."""
        import h5py

        if len(self.found) > _MOST_ITEMS:
            raise RecordError(f"{self._path}: more than {_MOST_ITEMS} data sets and attributes")
        if isinstance(item, h5py.Dataset):
            if item.is_virtual or item.external:
                raise RecordError(f"{self._path}: its data set {name:.40} is in other files")
            self._left -= item.size * max(item.dtype.itemsize, 1) if item.shape is not None else 0
            if self._left < 0:
                raise RecordError(f"{self._path}: holds more than {MOST_BYTES} bytes of numbers")
            if item.shape is not None:
                self._keep(name, self._value(item))
        self._add_attributes(name, item)

    def _add_attributes(self, name, item):
        for key in item.attrs:
            if not key.startswith(("MATLAB_", "H5PATH")):
                self._keep(f"{name}/{key}".lstrip("/"), item.attrs[key])

    def _value(self, item):
        """Return the value of a data set, with the texts that MATLAB 7.3 stores as numbers."""
        kind = item.attrs.get("MATLAB_class", b"")
        if kind == b"char":
            return _matlab_text(item)
        if kind == b"cell" and item.size <= _MOST_CELLS:
            cells = [self._file[cell] for cell in item[()].ravel()]
            texts = all(cell.attrs.get("MATLAB_class") == b"char" for cell in cells)
            return np.array([_matlab_text(cell) for cell in cells]) if texts else None
        return item[()]

    def _keep(self, name, value):
        if isinstance(value, str | bytes):
            value = np.array(value)
        elif isinstance(value, np.ndarray) and value.dtype.kind == "O":
            value = value if all(isinstance(one, str | bytes) for one in value.ravel()) else None
        if value is not None and np.asarray(value).dtype.kind in "iufUSO":
            self.found[name] = np.asarray(value)


def _matlab_text(item):
    """Return the text of a data set of UTF-16 code units."""
    return item[()].astype("<u2").tobytes(order="F").decode("utf-16-le", "replace")
