"""Strict parsing of the header of a WFDB record, as header(5) of the WFDB manual describes it.

References:
    https://physionet.org/physiotools/wag/header-5.htm
"""

import dataclasses
import math
import re

from ecg_tf.errors import RecordError, quoted

_LONGEST_LINE = 1000  # characters; the WFDB library itself takes 255
_NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_RATE = re.compile(rf"({_NUMBER})(?:/[-+]?{_NUMBER}(?:\([-+]?{_NUMBER}\))?)?")
_WHOLE = re.compile(r"[-+]?[0-9]+")
_FORMAT = re.compile(r"([0-9]+)(?:x([0-9]+))?(?::([0-9]+))?(?:\+([0-9]+))?")
_GAIN = re.compile(rf"([-+]?{_NUMBER})(?:\(([-+]?[0-9]+)\))?(?:/(\S+))?")
_FILE = re.compile(r"[\w.-]+", re.ASCII)
_FIELDS = 8  # of a signal's line, before its description


@dataclasses.dataclass(frozen=True)
class Signal:
    """Description of one signal in a header.

    Attributes:
        file: name of the signal file, without a folder.
        format: storage format such as "16" or "212", see signal(5).
        per_frame: number of samples in a frame.
        skew: number of frames by which the signal is late in its file.
        offset: position of the first sample: bytes, or samples in a compressed file.
        gain: steps per `unit`; 0 if the signal is not calibrated.
        baseline: the sample value of 0.
        unit: unit as written in the file.
        first: start value of the differences (format 8).
        checksum: sum of all samples, modulo 65536; None if not stated.
        name: the description in upper case; "?" if there is none.
    """

    file: str
    format: str
    per_frame: int
    skew: int
    offset: int
    gain: float
    baseline: int
    unit: str
    first: int
    checksum: int | None
    name: str


@dataclasses.dataclass(frozen=True)
class Header:
    """Description of a record.

    Attributes:
        rate: frames per second.
        frames: number of frames; None if not stated.
        signals: a `Signal` for each, in the order of the file.
        comments: the lines that begin with #, without the #.
    """

    rate: float
    frames: int | None
    signals: tuple
    comments: tuple


def parse_header(content, name, stem):
    """Parse the header of a single-segment record.

    The time and the date of the record are ignored.

    Args:
        content: bytes of the file.
        name: name of the record in errors.
        stem: name of the file without its ending.

    Returns:
        A `Header`.

    Raises:
        RecordError: the header is not as header(5) describes it, the record has several segments,
            the sampling rate is missing, or a signal file lies in another folder.
    """
    lines, comments = [], []
    for number, text in enumerate(re.split(r"\r\n|\r|\n", _decoded(content)), start=1):
        text = text.strip(" \t")
        if text.startswith("#"):
            comments.append(text.strip(" \t#"))
        elif text:
            lines.append(_Line(text, f"{name}: line {number} of its header"))
    if not lines:
        raise RecordError(f"{name}: its header is empty")
    first, *rest = lines
    record, *words = first.words
    folder, _, last = record.rpartition("/")
    if folder and last.isdecimal() and last != stem:
        raise RecordError(f"{name}: a record of several segments, expected a single one")
    begins = f"{name}: its header begins {quoted(first.text)}"
    if not rest or words[:1] != [str(len(rest))]:
        raise RecordError(f"{begins} and describes {len(rest)} signals")
    if len(words) < 2:  # the WFDB library assumes 250 Hz
        raise RecordError(f"{begins}, without a sampling rate")
    return Header(
        rate=_rate(first, words[1]),
        frames=_frames(first, words[2]) if words[2:] else None,
        signals=tuple(_signal(line, folder) for line in rest),
        comments=tuple(comments),
    )


def _decoded(content):
    """Decode a header; comments, descriptions and the micro sign of a unit need not be ASCII."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


class _Line:
    """A line that is not a comment.

    Args:
        text: the line.
        place: the beginning of error messages.
    """

    def __init__(self, text, place):
        self._place = place
        self.text = text.replace("\t", " ")
        self.words = self.text.split()
        if len(text) > _LONGEST_LINE:
            raise RecordError(
                f"{place} has {len(text)} characters, expected at most {_LONGEST_LINE}"
            )
        if not self.text.isprintable():
            raise RecordError(f"{place} is no text; expected a WFDB header in ASCII")

    def refused(self, field, word, expected):
        """Return the error for a field that cannot be parsed."""
        return RecordError(f"{self._place}: {field} {quoted(word)}, expected {expected}")

    def whole(self, field, word):
        """Parse a field that is a whole number of 32 bits."""
        if not _WHOLE.fullmatch(word) or not -(2**31) <= int(word) < 2**31:
            raise self.refused(field, word, "a whole number")
        return int(word)


def _rate(line, word):
    """Parse the number of frames per second; the counter frequency and its base are ignored."""
    match = _RATE.fullmatch(word)
    rate = float(match[1]) if match else 0.0
    if not rate or math.isinf(rate):
        raise line.refused("sampling rate", word, "Hz, such as 500")
    return rate


def _frames(line, word):
    """Parse the number of frames; None for 0, which stands for an unknown number."""
    if not re.fullmatch(r"[0-9]+", word):
        raise line.refused("number of samples", word, "a whole number")
    return int(word) or None


def _signal(line, folder):
    """Parse the `Signal` of a line.

    Args:
        line: `_Line`.
        folder: folder in the record line, "" if none; the names of signal files may begin with it.
    """
    words = line.text.split(maxsplit=_FIELDS)
    if len(words) < 2:
        raise line.refused("signal", line.text, "at least a signal file and its format")
    file = words[0].removeprefix(f"{folder}/") if folder else words[0]
    if not _FILE.fullmatch(file):
        raise line.refused("signal file", words[0], "a file beside the header")
    match = _FORMAT.fullmatch(words[1])
    if match is None:
        raise line.refused("format", words[1], "FORMAT[xSAMPLES][:SKEW][+OFFSET], such as 16")
    per_frame, skew, offset = (
        int(digits or default)
        for digits, default in zip(match.groups()[1:], (1, 0, 0), strict=True)
    )
    if not per_frame:
        raise line.refused("format", words[1], "at least one sample a frame")
    gain, baseline, unit = _calibration(line, words[2]) if words[2:] else (0.0, None, "mV")
    fields = ("resolution", "zero", "initial value", "checksum", "block size")
    numbers = dict(zip(fields, words[3:_FIELDS], strict=False))
    numbers = {field: line.whole(field, word) for field, word in numbers.items()}
    zero = numbers.get("zero", 0)
    checksum = numbers.get("checksum")
    if checksum is not None and not -32768 <= checksum < 65536:
        raise line.refused("checksum", words[6], "16 bits")
    return Signal(
        file=file,
        format=match[1],
        per_frame=per_frame,
        skew=skew,
        offset=offset,
        gain=gain,
        baseline=zero if baseline is None else baseline,
        unit=unit,
        first=numbers.get("initial value", zero),
        checksum=checksum,
        name=words[_FIELDS].strip().upper() if words[_FIELDS:] else "?",
    )


def _calibration(line, word):
    """Parse the gain, the baseline (None if not stated) and the unit."""
    match = _GAIN.fullmatch(word)
    gain = float(match[1]) if match else math.inf
    if math.isinf(gain):
        raise line.refused("gain", word, "STEPS[(BASELINE)][/UNIT], such as 1000(0)/mV")
    baseline = line.whole("baseline", match[2]) if match[2] else None
    return gain, baseline, match[3] or "mV"
