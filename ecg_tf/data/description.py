"""The description that TFDS writes beside the files of a dataset."""

import re

from ecg_tf.data.formats.array_records import array_record_module
from ecg_tf.data.partitions import PARTITIONS
from ecg_tf.errors import InputError, quoted
from ecg_tf.files import read_json

FILE_FORMATS = ("tfrecord", "array_record")
_TEMPLATE = "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}"  # names of the files, by TFDS


def check_file_format(file_format):
    """Raise an InputError unless files of this format can be written and read here."""
    if file_format not in FILE_FORMATS:
        raise InputError(f"file_format {file_format!r}: expected {' or '.join(FILE_FORMATS)}")
    if file_format == "array_record":
        array_record_module(f"file_format {file_format}")


def read_shards(path):
    """Read which files hold the records of each partition.

    Args:
        path: pathlib.Path of dataset_info.json, in the folder DATASET/VERSION.

    Returns:
        file_format: one of `FILE_FORMATS`.
        shards: {partition: {name of a file: number of its records}}, without empty partitions.

    Raises:
        InputError: the file is damaged, or does not describe prepared records.
    """
    info = read_json(path)
    splits, file_format = info.get("splits"), info.get("fileFormat", FILE_FORMATS[0])
    if file_format not in FILE_FORMATS or not isinstance(splits, list):
        raise InputError(f"{path}: not a description of prepared records")
    shards = {}
    for split in splits:
        name = split.get("name") if isinstance(split, dict) else None
        if name not in PARTITIONS or name in shards:
            raise InputError(
                f"{path}: split {quoted(str(name))}, expected {', '.join(PARTITIONS)}, each at "
                "most once"
            )
        if split.get("filepathTemplate", _TEMPLATE) != _TEMPLATE:
            raise InputError(f"{path}: names of files other than {_TEMPLATE}")
        lengths = _lengths(split, name, path)
        beginning = f"{path.parent.parent.name}-{name}.{file_format}"
        shards[name] = {
            f"{beginning}-{k:05d}-of-{len(lengths):05d}": length for k, length in enumerate(lengths)
        }
    return file_format, shards


def _lengths(split, partition, path):
    """Return the numbers of records in the files of a split, a list of numbers as text."""
    lengths = split.get("shardLengths")
    right = isinstance(lengths, list) and all(
        isinstance(length, str) and re.fullmatch("[1-9][0-9]{0,7}", length) for length in lengths
    )
    if not (right and lengths):
        raise InputError(
            f"{path}: shardLengths of {partition} are {quoted(str(lengths))}, expected numbers"
        )
    return list(map(int, lengths))
