"""Reading the weights of a .keras file as plain arrays, without the loaders of Keras.

A .keras file is a zip archive of `config.json` and `model.weights.h5`. In the latter each layer has
a group `vars` with an attribute `name` and the arrays `0`, `1` …, in the order in which the layer
made them. Keras 3.8 to 3.15 write this format. The key of an array is the names of its layers, from
the outermost, and its number: ("gru1", "gru_cell", 0).
"""

import contextlib
import io
import zipfile

import h5py
import numpy as np

from ecg_tf.errors import InputError, quoted
from ecg_tf.files import parse_json

_WEIGHTS, _CONFIG = "model.weights.h5", "config.json"
_MOST_CONFIG = 2**24  # bytes
_PACKED = 64  # weights are never compressed by more than this factor,
_SLACK = 2**20  # but for this number of bytes
_MOST_DEPTH, _MOST_ITEMS = 16, 100_000  # depth of nested groups; number of groups and arrays
LARGEST_WEIGHT = 1e30


def read_config(path):
    """Read the configuration of the network in a .keras file, a dictionary.

    Raises:
        InputError: a file that cannot be read, or that has no configuration.
    """
    with _opened(path) as archive:
        content = parse_json(_member(archive, _CONFIG, _MOST_CONFIG, path), f"{path}: {_CONFIG}")
    if not isinstance(content.get("config"), dict):
        raise InputError(f"{path}: {_CONFIG}: no network")
    return content["config"]


def read_weights(path, expected):
    """Read the arrays of a .keras file.

    Args:
        path: pathlib.Path of the file.
        expected: {key: shape} of all arrays that the file must have. States of random number
            generators are ignored.

    Returns:
        {key: float32 array}, finite.

    Raises:
        InputError: a file that cannot be read or is incomplete, or an array that is missing, not
            expected, of another shape or type, stored outside the file, or not finite.
    """
    most = 2 * sum(8 * int(np.prod(shape)) + 2**16 for shape in expected.values()) + _SLACK
    with _opened(path) as archive:
        content = _member(archive, _WEIGHTS, most, path)
    name = f"{path}: {_WEIGHTS}"
    with _refusing_damage(name), h5py.File(io.BytesIO(content), "r") as file:
        datasets = dict(_datasets(file, name))
        _check_keys(datasets, expected, name)
        return {key: _read(datasets[key], key, shape, name) for key, shape in expected.items()}


@contextlib.contextmanager
def _refusing_damage(name):
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # zipfile and h5py raise whatever they trip over
        reason = quoted(f"{type(error).__name__}: {error}", 100)
        raise InputError(f"{name}: cannot be loaded: {reason}") from error


@contextlib.contextmanager
def _opened(path):
    if not path.is_file():
        raise InputError(f"{path}: no regular file")
    with _refusing_damage(path), zipfile.ZipFile(path) as archive:
        yield archive


def _member(archive, member, most, path):
    """The bytes of a member; refused if they are more than `most`, or compressed too much."""
    found = [info for info in archive.infolist() if info.filename == member]
    if len(found) != 1:
        raise InputError(f"{path}: {len(found)} times {member} in it, expected once")
    size, packed = found[0].file_size, found[0].compress_size
    if size > min(most, _PACKED * packed + _SLACK):
        raise InputError(
            f"{path}: {member}: {size} bytes, packed {packed}, expected at most "
            f"{min(most, _PACKED * packed + _SLACK)}"
        )
    return archive.read(found[0])


def _datasets(file, name):
    """(key, array in the file) of the layers' arrays, without those of random number generators.

    Other arrays, such as those of an optimiser, are in other groups than `layers`. Soft links,
    external links and circles of groups are refused.
    """
    left, items = [(file, (), 0)], 0
    while left:
        group, names, depth = left.pop()
        for member in group:
            if not depth and member != "layers":
                continue
            items += 1
            if depth > _MOST_DEPTH or items > _MOST_ITEMS:
                raise InputError(f"{name}: too many groups, or groups in a circle")
            if type(group.get(member, getlink=True)) is not h5py.HardLink:
                raise InputError(f"{name}: {quoted(member)} is a link, expected groups and arrays")
            item = group[member]
            if isinstance(item, h5py.Group):
                layer = layer_name(item)
                left.append((item, names if layer is None else (*names, layer), depth + 1))
            elif not isinstance(item, h5py.Dataset):
                raise InputError(f"{name}: {quoted(member)} is neither a group nor an array")
            elif "seed_generator" not in group.name:
                yield (*names, int(member) if member.isdecimal() else member), item


def layer_name(group):
    """The name of the layer that a group of `model.weights.h5` belongs to; None within a layer."""
    if "vars" not in group or type(group.get("vars", getlink=True)) is not h5py.HardLink:
        return None
    found = group["vars"].attrs.get("name")
    return found if isinstance(found, str) else None


def _check_keys(found, expected, name):
    for some, others, word in ((expected, found, "misses"), (found, expected, "holds")):
        foreign = [key for key in some if key not in others]
        if foreign:
            shown = ", ".join(quoted("/".join(map(str, key)), 80) for key in foreign[:3])
            more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
            raise InputError(f"{name}: {word} {shown}{more}, expected the weights of about.json")


def _read(dataset, key, shape, name):
    name = f"{name}: {'/'.join(key[:-1])}, array {key[-1]}"
    if dataset.shape != tuple(shape):
        raise InputError(f"{name}: shape {dataset.shape}, expected {tuple(shape)} by about.json")
    if dataset.dtype.kind != "f":
        raise InputError(f"{name}: {quoted(str(dataset.dtype))}, expected floating point numbers")
    if dataset.is_virtual or dataset.external:
        raise InputError(f"{name}: in another file, expected in this one")
    stored = dataset.id.get_storage_size()
    if dataset.nbytes > _PACKED * stored + _SLACK * bool(stored):
        raise InputError(f"{name}: {stored} bytes stored, of {dataset.nbytes}")
    with np.errstate(over="ignore"):
        values = dataset[()].astype(np.float32)
    if not (np.abs(values) <= LARGEST_WEIGHT).all():
        raise InputError(
            f"{name}: holds a weight that is not finite, or more than {LARGEST_WEIGHT:g}"
        )
    return values
