"""Reading an ECG that a visitor has uploaded."""

import dataclasses
import os
import tempfile
from pathlib import Path

from ecg_tf.data.any_ecg import read_any
from ecg_tf.data.ecg_files.file_kinds import one_name_each
from ecg_tf.errors import RecordError
from ecg_tf.predict.records import record_error


def read_upload(files, **how):
    """Read the one ECG in uploaded files, which may lie in different folders.

    Args:
        files: paths of the files, such as a header and its signal file.
        **how: further arguments of `ecg_tf.data.any_ecg.read_any`.

    Returns:
        A `Record` whose name has no folder.

    Raises:
        RecordError: several ECGs, or one that cannot be read. The message is that of the command
            line, without the folder.
    """
    files = [Path(file) for file in files]
    with tempfile.TemporaryDirectory(dir=files[0].parent) as folder:
        for file in files:
            _link(file, Path(folder))
        paths = sorted(Path(folder).iterdir(), key=_header_first)
        first, *others = one_name_each(paths)
        if others:
            names = ", ".join(path.name for path in (first, *others))
            raise RecordError(
                f"{names}: several ECGs, expected the files of one; remove the others"
            )
        try:
            record = read_any(first, **how)
        except Exception as error:
            one = error if isinstance(error, RecordError) else record_error(first.name, error)
            raise RecordError(str(one).replace(f"{folder}{os.sep}", "")) from error
    return dataclasses.replace(record, name=Path(record.name).name)


def _link(file, folder):
    try:
        os.link(file, folder / file.name)
    except FileExistsError as error:
        raise RecordError(f"{file.name}: several files of this name, expected one") from error


def _header_first(file):
    return file.suffix.lower() != ".hea", file.name
