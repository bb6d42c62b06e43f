"""Safe reading of pickles that hold numpy arrays of numbers.

A pickle is a program. The reader offers it only the functions that build arrays, and replaces
numpy's own versions of them, which build any dtype, shape and size that a pickle states. All sizes
are compared with the size of the file before memory is allocated.
"""

import mmap
import pickle
import pickletools
import re

import numpy as np

from ecg_tf.errors import InputError, quoted

_NUMBERS = re.compile(r"b1|[iu][1248]|f[248]")


class PickledArray:
    """An array in a pickle: of numbers, or of any objects.

    Attributes:
        array: a numpy array for numbers, a list for objects, None for other types and for an array
            that was never filled.
    """

    array = None

    def __array__(self, dtype=None, copy=None):
        if not isinstance(self.array, np.ndarray):
            raise ValueError("not an array of numbers")
        return self.array if dtype is None else self.array.astype(dtype)

    def __setstate__(self, state):
        _, shape, dtype, fortran, content = state
        if isinstance(content, list):
            self.array = content
        elif dtype.of_numbers:
            self.array = _array(content, dtype, shape, "F" if fortran else "C")


class _DType:
    """Stand-in for numpy's dtype: its name and byte order."""

    def __init__(self, name, *_):
        self._name, self._order, self._plain = name, "=", True

    def __setstate__(self, state):
        _, self._order, *structure = state[:5]
        self._plain = structure == [None, None, None]

    @property
    def of_numbers(self):
        """True for booleans, integers and floats of at most 8 bytes."""
        return self._plain and bool(_NUMBERS.fullmatch(self._name))

    def numpy(self):
        """Return the numpy dtype."""
        return np.dtype(self._name).newbyteorder(self._order)


def read_numpy_pickle(path):
    """Read a pickle that holds a list or an array.

    Args:
        path: the file.

    Returns:
        A list or tuple, or a numpy array of numbers with one or more axes. The items of a list are
        texts, numbers, lists, tuples, dictionaries and `PickledArray`s.

    Raises:
        InputError: the file is missing, damaged or not a pickle, needs any class but numpy arrays,
            or holds neither a list nor an array.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        with path.open("rb") as file:
            _check_sizes(file)
            content = _Unpickler(file).load()
    except _RefusedError as error:
        raise InputError(
            f"{path}: refused: it needs {error}, expected numpy arrays only"
        ) from error
    except Exception as error:  # a pickle is a program: a damaged one raises any kind of error
        raise InputError(f"{path}: not a pickle of numpy arrays, or a damaged one") from error
    if isinstance(content, PickledArray):
        content = content.array
    if isinstance(content, (list, tuple)) or (isinstance(content, np.ndarray) and content.ndim):
        return content
    raise InputError(f"{path}: holds a {type(content).__name__}, expected a list or an array")


def _check_sizes(file):
    """Raise an error for lengths and memo positions larger than the file."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        # genops reads the argument of each opcode and raises an error if bytes are missing.
        for opcode, argument, position in pickletools.genops(content):
            # In a valid pickle, each memo entry takes a byte or more.
            if opcode.name in ("PUT", "BINPUT", "LONG_BINPUT") and argument > position:
                raise pickle.UnpicklingError("more memo entries than bytes")
            if opcode.name == "FRAME" and argument > len(content) - position:
                raise pickle.UnpicklingError("a frame beyond the end")


class _Unpickler(pickle.Unpickler):
    def __init__(self, file):
        super().__init__(file)
        self._left = file.seek(0, 2)  # bytes that may still be decoded
        file.seek(0)

    def find_class(self, module, name):
        wanted = f"{module}.{name}".replace("numpy._core.", "numpy.core.")
        functions = {
            "numpy.ndarray": PickledArray,  # the argument of the next function
            "numpy.core.multiarray._reconstruct": self._reconstruct,
            "numpy.core.multiarray.scalar": self._scalar,
            "numpy.core.numeric._frombuffer": self._frombuffer,
            "numpy.dtype": _DType,
            "_codecs.encode": self._encode,
        }
        if wanted not in functions:
            known = re.fullmatch(r"[\w.]{1,40}", wanted)
            raise _RefusedError(f"{module}.{name}" if known else quoted(wanted))
        return functions[wanted]

    def _reconstruct(self, kind, *_):
        """Return an array that the following state fills."""
        if kind is not PickledArray:
            raise _RefusedError("a kind of array")
        return PickledArray()

    def _scalar(self, dtype, content):
        if not dtype.of_numbers:
            raise _RefusedError("a scalar that is not a number")
        return _array(content, dtype, (), "C")[()]

    def _frombuffer(self, content, dtype, shape, order, axes=None):
        array = PickledArray()
        if dtype.of_numbers:
            found = _array(content, dtype, shape, "C" if order == "K" else order)
            array.array = found if axes is None else found.transpose(axes)
        return array

    def _encode(self, text, encoding):
        """Encode text to bytes, as old protocols do; `_codecs.encode` would accept any codec."""
        if encoding != "latin1":
            raise _RefusedError(f"text in {quoted(encoding)}")
        self._left -= len(text)
        if self._left < 0:
            raise pickle.UnpicklingError("more text than bytes")
        return text.encode(encoding)


class _RefusedError(Exception):
    pass


def _array(content, dtype, shape, order):
    """Return the bytes `content` as an array; a ValueError if their number is wrong."""
    return np.frombuffer(content, dtype.numpy()).reshape(shape, order=order)
