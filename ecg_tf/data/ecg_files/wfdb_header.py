"""The header of a WFDB record, parsed as strictly as header(5) of the WFDB manual describes it.

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
_FIELDS = 8  # of a signal's line before its description


@dataclasses.dataclass(frozen=True)
class Signal:
    """What a header says about one signal.

    Attributes:
        file: name of the signal file, without a folder.
        format: such as "16" or "212", see signal(5).
        per_frame: samples in a frame.
        skew: frames by which the signal lies too late in its file.
        offset: where the samples begin: bytes, or samples in a compressed file.
        gain: steps per `unit`; 0 where the signal is not calibrated.
        baseline: the sample value of 0.
        unit: as written.
        first: the value that differences (format 8) begin from.
        checksum: of all samples, modulo 65536; None where not stated.
        name: the description, upper case; "?" where there is none.
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
    """What a header says about a record.

    Attributes:
        rate: frames per second.
        frames: their number; None where it is not stated.
        signals: a `Signal` each, in the order of the file.
        comments: the lines that begin with #, without it.
    """

    rate: float
    frames: int | None
    signals: tuple
    comments: tuple


def parse_header(content, name, stem):
    """Parse the header of a single-segment record.

    The time and the date of the record are left alone, whatever they look like.

    Args:
        content: bytes of the file.
        name: what errors call the record.
        stem: the name of the file without ending.

    Returns:
        A `Header`.

    Raises:
        RecordError: anything else than header(5) describes, several segments, a sampling rate
            that is missing, a signal file in another folder.
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
    if len(words) < 2:  # the WFDB library would take it for 250 Hz
        raise RecordError(f"{begins}, without a sampling rate")
    return Header(
        rate=_rate(first, words[1]),
        frames=_frames(first, words[2]) if words[2:] else None,
        signals=tuple(_signal(line, folder) for line in rest),
        comments=tuple(comments),
    )


def _decoded(content):
    """The text of a header: ASCII, but for comments, descriptions and the micro sign of a unit."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


class _Line:
    """A line that is no comment.

    Args:
        text: the line.
        place: what errors begin with.
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
        """The error for a field that cannot be parsed."""
        return RecordError(f"{self._place}: {field} {quoted(word)}, expected {expected}")

    def whole(self, field, word):
        """A field that is a whole number of 32 bits."""
        if not _WHOLE.fullmatch(word) or not -(2**31) <= int(word) < 2**31:
            raise self.refused(field, word, "a whole number")
        return int(word)


def _rate(line, word):
    """Frames per second; the counter frequency and its base are left alone."""
    match = _RATE.fullmatch(word)
    rate = float(match[1]) if match else 0.0
    if not rate or math.isinf(rate):
        raise line.refused("sampling rate", word, "Hz, such as 500")
    return rate


def _frames(line, word):
    """How many there are; None for 0, which means that the header does not say it."""
    if not re.fullmatch(r"[0-9]+", word):
        raise line.refused("number of samples", word, "a whole number")
    return int(word) or None


def _signal(line, folder):
    """The `Signal` of a line.

    Args:
        line: `_Line`.
        folder: that of the record line, "" for none; signal files may be named with the same.
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
    """Gain, baseline (None: not stated) and unit."""
    match = _GAIN.fullmatch(word)
    gain = float(match[1]) if match else math.inf
    if math.isinf(gain):
        raise line.refused("gain", word, "STEPS[(BASELINE)][/UNIT], such as 1000(0)/mV")
    baseline = line.whole("baseline", match[2]) if match[2] else None
    return gain, baseline, match[3] or "mV"
