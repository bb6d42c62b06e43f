"""Saving a network with float16 weights, at half its size."""

import json
import tempfile
import zipfile
from pathlib import Path

import h5py
import numpy as np

from ecg_tf.errors import InputError
from ecg_tf.runs.saved_weights import layer_name

_WEIGHTS, _CONFIG = "model.weights.h5", "config.json"  # in a .keras file, which is a zip archive
_NEW_IN_3_15 = ("input_axes", "output_axes")  # settings of initialisers; older Keras refuses them
_DATE = (1980, 1, 1, 0, 0, 0)  # fixed, so that equal networks give equal files


def save_half_precision(network, path, without=()):
    """Write a float32 network as a .keras file whose weights are float16, compressed.

    Keras, also older versions, loads the file like any other: it casts the weights to the dtype of
    the network's variables, float32.

    Args:
        network: keras.Model, not compiled.
        path: pathlib.Path of the file, ending in .keras.
        without: names of layers whose weights are left out, at any depth. Keras cannot load such a
            file.

    Raises:
        InputError: a weight that float16 cannot hold: larger than 65504, or not finite.
    """
    with tempfile.TemporaryDirectory() as scratch:
        single, half = Path(scratch) / "single.keras", Path(scratch) / _WEIGHTS
        network.save(single)
        with zipfile.ZipFile(single) as old, zipfile.ZipFile(path, "w") as new:
            with (
                old.open(_WEIGHTS) as weights,
                h5py.File(weights) as source,
                h5py.File(half, "w") as target,
            ):
                _copy(source, target, without)
            for name in old.namelist():
                content = half.read_bytes() if name == _WEIGHTS else old.read(name)
                if name == _CONFIG:
                    content = json.dumps(_for_older_keras(json.loads(content)))
                new.writestr(zipfile.ZipInfo(name, _DATE), content, zipfile.ZIP_DEFLATED)


def _for_older_keras(config):
    """Remove the settings that Keras 3.15 added from a network's configuration where not set."""
    if isinstance(config, list):
        return [_for_older_keras(value) for value in config]
    if not isinstance(config, dict):
        return config
    return {
        name: _for_older_keras(value)
        for name, value in config.items()
        if name not in _NEW_IN_3_15 or value is not None
    }


def _copy(source, target, without):
    """Copy an HDF5 group into an empty one, float32 as float16, without some layers."""
    target.attrs.update(source.attrs)
    for name, item in source.items():
        if isinstance(item, h5py.Group):
            if layer_name(item) not in without:
                _copy(item, target.create_group(name), without)
            continue
        values = item[()]
        if values.dtype == np.float32:
            with np.errstate(over="ignore"):
                values = values.astype(np.float16)
            if not np.isfinite(values).all():
                raise InputError(f"{item.name}: holds a weight that is not finite as float16")
        if values.ndim:
            # `shuffle` stores all first bytes, then all second bytes, which saves 7 %.
            target.create_dataset(
                name,
                data=values,
                chunks=values.shape,
                shuffle=True,
                compression="gzip",
                compression_opts=9,
            )
        else:
            target[name] = values
        target[name].attrs.update(item.attrs)
