"""Hashes of exports, checked before a runtime reads them.

A hash detects damage. It does not prove who made a file: open only exports of people you trust.

Exports of older versions have no hash and still open. Their description is checked, but changed
weights are not detected, and a damaged file may crash a runtime.
"""

import hashlib
import io
import json
import os
import stat
import zipfile
from pathlib import Path

from ecg_tf.errors import InputError, quoted
from ecg_tf.files import check_inside, parse_json, read_json, write_atomically

DESCRIPTION = "description.json"  # in the zip archive at the end of a LiteRT file
MANIFEST = "manifest.json"  # in the folder of a SavedModel
_HASH = "sha256"
_MOST_DESCRIPTION = 2**20  # bytes
_CHUNK = 2**20  # bytes hashed at a time


# LiteRT: the network, then a zip archive with the description and the hash of both


def sealed_litert(network, description):
    """The bytes of a LiteRT file.

    Args:
        network: bytes of a .tflite file.
        description: `ecg_tf.runs.ecg_classifier.ECGClassifier.description`.
    """
    described = {**description, _HASH: _litert_hash(network, description)}
    file = io.BytesIO(network)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(DESCRIPTION, json.dumps(described))
    return file.getvalue()


def open_litert(content, name):
    """The network and the description in a LiteRT file.

    Args:
        content: its bytes.
        name: what errors call it.

    Returns:
        network: bytes for the runtime.
        description: dictionary, not yet checked.

    Raises:
        InputError: no description, or another hash than that in it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            (entry,) = archive.infolist()
            if entry.filename != DESCRIPTION or entry.file_size > _MOST_DESCRIPTION:
                raise ValueError(f"it holds {quoted(entry.filename)}")
            text = archive.read(entry)
    # zipfile raises exceptions of any class for a damaged archive.
    except Exception as error:
        raise InputError(
            f"{name}: a LiteRT file, but none that ecg_tf export wrote, or a damaged one: no "
            f"{DESCRIPTION} at its end ({quoted(str(error), 60)})"
        ) from error
    description = parse_json(text, f"{DESCRIPTION} in {name}")
    network = content[: entry.header_offset]
    if _HASH in description:
        expected = description.pop(_HASH)
        _compare(_litert_hash(network, description), expected, name)
    return network, description


def _litert_hash(network, description):
    sha256 = hashlib.sha256(network)
    sha256.update(json.dumps(description, sort_keys=True).encode())
    return sha256.hexdigest()


# ONNX: concatenated messages of protobuf are one message, so the hash is appended to the file as
# another entry of metadata_props


def sealed_onnx(content):
    """The bytes of an ONNX file, followed by their hash.

    Args:
        content: bytes of a .onnx file.
    """
    return content + _onnx_end(hashlib.sha256(content).hexdigest())


def check_onnx(content, name):
    """Compare an ONNX file with its hash, if it has one.

    Args:
        content: its bytes.
        name: what errors call it.

    Raises:
        InputError: the hash is another one, or the file refers to other files.
    """
    length = len(_onnx_end("0" * 64))
    before, end = content[:-length], content[-length:]
    found = end[-64:].decode("latin-1")
    if end == _onnx_end(found):
        _compare(hashlib.sha256(before).hexdigest(), found, name)
    elif _onnx_end("0" * 64)[2:-64] in content:
        raise InputError(f"{name}: its hash is not at its end; it is damaged: export it again")
    # A reference to a file of weights is an entry with this key.
    elif b"location" in content:
        raise InputError(f"{name}: has weights in other files; expected all in this one")


def without_hash(properties):
    """The entries of an ONNX file's metadata_props without the hash."""
    return {key: value for key, value in properties.items() if key != _HASH}


def _onnx_end(sha256):
    """An entry of metadata_props (field 14 of a ModelProto): key (field 1) and value (field 2)."""
    key, value = _HASH.encode(), sha256.encode("latin-1")
    entry = b"\x0a" + bytes([len(key)]) + key + b"\x12" + bytes([len(value)]) + value
    return b"\x72" + bytes([len(entry)]) + entry


# SavedModel: a manifest with the hash of each other file in the folder


def seal_saved_model(folder):
    """Write the manifest of a SavedModel, with the hash of each of its files.

    Args:
        folder: of the SavedModel.
    """
    hashes = {name: _file_hash(Path(folder) / name) for name in _files(folder)}
    write_atomically(Path(folder) / MANIFEST, json.dumps({_HASH: hashes}, indent=2) + "\n")


def check_saved_model(folder):
    """Compare the files of a SavedModel with its manifest, if it has one.

    Args:
        folder: of the SavedModel.

    Raises:
        InputError: a file that is missing, changed or not in the manifest, a link that leads out of
            the folder, or something that is no file.
    """
    found = _files(folder)
    if MANIFEST not in found:
        return
    file = Path(folder) / MANIFEST
    manifest = read_json(file)
    hashes = manifest.get(_HASH)
    if set(manifest) != {_HASH} or not isinstance(hashes, dict):
        raise InputError(f"{file}: expected an object of the hashes of all files")
    found.remove(MANIFEST)
    for name in sorted(found ^ set(hashes)):
        held = "holds" if name in found else "does not hold"
        listed = "does not list it" if name in found else "lists it"
        raise InputError(f"{folder}: {held} {quoted(name, 60)}, and its {MANIFEST} {listed}")
    for name, expected in hashes.items():
        _compare(_file_hash(Path(folder) / name), expected, Path(folder) / name)


def _files(folder):
    """The names of all files in a folder and below.

    Raises:
        InputError: links that lead out of the folder, something that is no file.
    """
    names = set()
    for path, folders, files in os.walk(folder):
        for name in (*folders, *files):
            check_inside(folder, Path(path) / name)
        for name in files:
            file = Path(path) / name
            if not file.is_file():
                raise InputError(f"{file}: not a regular file")
            names.add(file.relative_to(folder).as_posix())
    return names


def _file_hash(file):
    sha256 = hashlib.sha256()
    try:
        with file.open("rb") as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                raise InputError(f"{file}: not a regular file")
            while chunk := opened.read(_CHUNK):
                sha256.update(chunk)
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from error
    return sha256.hexdigest()


def _compare(found, expected, name):
    if found != expected:
        raise InputError(
            f"{name}: SHA-256 {found[:16]}…, expected {quoted(str(expected), 16)}: it is damaged, "
            "or was changed after it was exported; export it again"
        )
