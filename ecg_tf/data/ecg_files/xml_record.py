"""Reading an ECG from an XML file of any of the formats that ecg_tf knows."""

import os

from ecg_tf.data.ecg_files.aecg_record import aecg_record
from ecg_tf.data.ecg_files.muse_record import muse_record
from ecg_tf.data.ecg_files.philips_record import philips_record
from ecg_tf.data.ecg_files.record import Record
from ecg_tf.data.ecg_files.xml_tree import parse_xml
from ecg_tf.errors import RecordError, quoted

_FORMATS = {  # {name of the root: function of the path and the root}
    "AnnotatedECG": aecg_record,
    "RestingECG": muse_record,
    "restingecgdata": philips_record,
}


def read_xml(path: str | os.PathLike) -> Record:
    """Read an XML file of HL7 aECG, GE Muse or Philips; its root tells the format.

    Args:
        path: the file.

    Returns:
        A `Record`.

    Raises:
        RecordError: the file cannot be read, is no safe or well-formed XML (`parse_xml`), or
            another one; see `aecg_record`, `muse_record` and `philips_record` for the rest.
    """
    root = parse_xml(path)
    if root.tag not in _FORMATS:
        raise RecordError(
            f"{path}: XML of {quoted(root.tag)}, expected HL7 aECG (AnnotatedECG), GE Muse "
            "(RestingECG) or Philips (restingecgdata)"
        )
    return _FORMATS[root.tag](path, root)
