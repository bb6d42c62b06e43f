"""Headers of the PhysioNet/CinC Challenges 2020 and 2021: diagnoses, age and sex of a record.

The comments of a WFDB header hold them: `# Dx: 426783006,59118001`, `# Age: 65`, `# Sex: Male`; in
files of 2020 without the space. A record may lack each of them, and an age may be `NaN`.
"""

import dataclasses
import math
import re
from pathlib import Path

from ecg_tf.data.ecg_files.wfdb_header import parse_header
from ecg_tf.errors import RecordError, quoted
from ecg_tf.files import read_bytes

_MOST_BYTES = 2**16  # of a header
_CODE = re.compile("[0-9]{6,18}")
_UNKNOWN = ("", "nan", "unknown", "n/a")
_SEXES = {"male": 0, "m": 0, "female": 1, "f": 1}
_OLDEST = 150  # years


@dataclasses.dataclass(frozen=True)
class Diagnoses:
    """What the comments of a header state.

    Attributes:
        codes: the SNOMED CT codes, in their order; empty if the record states none.
        age: years; NaN if unknown.
        sex: 0 male, 1 female, -1 unknown.
    """

    codes: tuple[str, ...]
    age: float
    sex: int


def read_diagnoses(header: Path, name: str) -> Diagnoses:
    """Read the comments of a record's header.

    Args:
        header: the file.
        name: name of the record in errors.

    Raises:
        RecordError: the header cannot be read, or has a diagnosis, an age or a sex that is none.
    """
    comments = parse_header(read_bytes(header, _MOST_BYTES), name, header.stem).comments
    stated = {}
    for comment in comments:
        key, colon, value = comment.partition(":")
        if colon:
            stated.setdefault(key.strip().lower(), value.strip())
    return Diagnoses(
        codes=_codes(stated.get("dx", ""), name),
        age=_age(stated.get("age", ""), name),
        sex=_sex(stated.get("sex", ""), name),
    )


def _codes(text: str, name: str) -> tuple[str, ...]:
    if text.lower() in _UNKNOWN:
        return ()
    codes = [code.strip() for code in text.split(",")]
    for code in codes:
        if not _CODE.fullmatch(code):
            raise RecordError(
                f"{name}: Dx {quoted(text)} in its header, expected SNOMED CT codes such as "
                "426783006,59118001"
            )
    return tuple(dict.fromkeys(codes))


def _age(text: str, name: str) -> float:
    if text.lower() in _UNKNOWN:
        return math.nan
    try:
        age = float(text)
    except ValueError:
        age = -1.0
    if not 0 <= age <= _OLDEST:
        raise RecordError(f"{name}: Age {quoted(text)} in its header, expected 0 to {_OLDEST}")
    return age


def _sex(text: str, name: str) -> int:
    if text.lower() in _UNKNOWN:
        return -1
    if text.lower() not in _SEXES:
        raise RecordError(f"{name}: Sex {quoted(text)} in its header, expected Male or Female")
    return _SEXES[text.lower()]
