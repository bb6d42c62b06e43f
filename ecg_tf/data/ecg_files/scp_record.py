"""Reading an ECG from an SCP-ECG file.

No package of PyPI reads this format. Read are sections 0 (pointers), 2 (Huffman tables), 3 (leads),
4 (QRS complexes), 5 (reference beat) and 6 (rhythm).

References:
    EN 1064:2005+A1:2007, Standard communication protocol for computer-assisted electrocardiography
"""

import binascii
import os
import struct

import numpy as np

from ecg_tf.data.ecg_files.numpy_arrays import content_of
from ecg_tf.data.ecg_files.record import Record, record_of_leads
from ecg_tf.data.ecg_files.scp_leads import SCP_LEADS
from ecg_tf.data.ecg_files.scp_samples import decode
from ecg_tf.errors import RecordError

_RECORD = struct.Struct("<HI")  # checksum, length
_SECTION = struct.Struct("<HHIBB6x")  # checksum, number, length, versions
_POINTER = struct.Struct("<HII")  # number of a section, length, place of its first byte from 1 on
_LEAD = struct.Struct("<IIB")  # first and last sample from 1 on, number of the lead
_BEATS = struct.Struct("<HHH")  # length in ms, sample of the fiducial point, number of complexes
_BEAT = struct.Struct("<HIII")  # type, samples: first subtracted, fiducial point, last subtracted
_SIGNALS = struct.Struct("<HHBB")  # nV a step, µs a sample, differences, whether bimodal
_DEFAULT_TABLE = 19999  # number of Huffman tables that stands for the default table
_MOST_SAMPLES = 2**24  # of all leads
_SUBTRACTED, _TYPE_0 = 1, 0


def read_scp(path: str | os.PathLike) -> Record:
    """Read an SCP-ECG file.

    A lead that does not cover the whole recording is missing outside of its samples. Where beats
    like the reference beat were subtracted, they are added again.

    Args:
        path: the file.

    Returns:
        A `Record`.

    Raises:
        RecordError: the file cannot be read, a checksum does not match, there is no rhythm, or it
            is damaged or stored in a way that is not supported (other Huffman tables than the
            default one, bimodal compression).
    """
    content = content_of(path)
    try:
        return _Reader(path, _sections(path, content)).record()
    except RecordError:
        raise
    except (struct.error, ValueError, IndexError) as error:
        raise RecordError(f"{path}: a damaged SCP-ECG file: {error}") from error


def _sections(path, content):
    """Return {number: bytes of the section without its header} after checking all checksums."""
    checksum, length = _RECORD.unpack_from(content)
    if length != len(content):
        raise RecordError(f"{path}: {len(content)} bytes, its header states {length}")
    _check_sum(path, content, checksum, "the file")
    pointers = _section(path, content, 0, _RECORD.size + 1, None)
    sections = {}
    for number, length, place in _POINTER.iter_unpack(
        pointers[: len(pointers) // _POINTER.size * _POINTER.size]
    ):
        if length and number:
            if number in sections:
                raise RecordError(f"{path}: section {number} twice")
            sections[number] = _section(path, content, number, place, length)
    return sections


def _section(path, content, number, place, length):
    """Return the bytes of a section that begins at byte `place`, counted from 1."""
    start = place - 1
    checksum, found, stated, *_ = _SECTION.unpack_from(content, start)
    whole = content[start : start + stated]
    if found != number or len(whole) != stated or stated not in (length or stated, stated + 1):
        raise RecordError(f"{path}: no section {number} at its place, byte {place}")
    _check_sum(path, whole, checksum, f"section {number}")
    return whole[_SECTION.size :]


def _check_sum(path, content, checksum, what):
    """Compare content with the checksum in its first two bytes."""
    found = binascii.crc_hqx(content[2:], 0xFFFF)
    if found != checksum:
        raise RecordError(
            f"{path}: {what} has the checksum {found}, expected {checksum}; the file is damaged"
        )


class _Reader:
    """The ECG in the sections of a file.

    Args:
        path: name of the file in errors.
        sections: {number: bytes}.
    """

    def __init__(self, path, sections):
        self._path, self._sections = path, sections
        if 3 not in sections or 6 not in sections:
            raise RecordError(f"{path}: an SCP-ECG file without leads or without a rhythm")
        count, self._flags = sections[3][:2]
        self._leads = [_LEAD.unpack_from(sections[3], 2 + k * _LEAD.size) for k in range(count)]
        self._is_huffman = 2 in sections
        if self._is_huffman and struct.unpack_from("<H", sections[2])[0] != _DEFAULT_TABLE:
            raise RecordError(f"{path}: Huffman tables of its own, expected the default one")

    def record(self):
        """Return the `Record`."""
        if not self._leads:
            raise RecordError(f"{self._path}: an SCP-ECG file without leads")
        lengths = [last - first + 1 for first, last, _ in self._leads]
        start = min(first for first, _, _ in self._leads)
        length = max(last for _, last, _ in self._leads) - start + 1
        if min(lengths) < 1 or length * len(lengths) > _MOST_SAMPLES:
            raise RecordError(f"{self._path}: leads of {min(lengths)} to {length} samples")
        step, decoded = self._signals(6, lengths)
        if self._flags & _SUBTRACTED:
            self._add_beats(step, decoded)
        ecg = np.full((len(lengths), length), np.nan)
        for row, (first, last, _), samples in zip(ecg, self._leads, decoded, strict=True):
            row[first - start : last - start + 1] = samples
        names = [SCP_LEADS.get(number, f"SCP {number}") for _, _, number in self._leads]
        return record_of_leads(self._path, names, ecg, round(1e6 / step, 6))

    def _signals(self, number, lengths):
        """Decode section 5 or 6.

        Args:
            number: number of the section.
            lengths: number of samples of each lead.

        Returns:
            The time from one sample to the next, µs, and a list of float (time,) millivolt.
        """
        section = self._sections[number]
        gain, step, differences, bimodal = _SIGNALS.unpack_from(section)
        if not gain or not step or differences > 2:
            raise RecordError(
                f"{self._path}: section {number} has steps of {gain} nV, samples of {step} µs and "
                f"differences of order {differences}"
            )
        if number == 6 and bimodal:
            raise RecordError(
                f"{self._path}: bimodal compression, which keeps only a part of the samples; "
                "expected an ECG with all of them"
            )
        start = _SIGNALS.size + 2 * len(lengths)
        sizes = struct.unpack_from(f"<{len(lengths)}H", section, _SIGNALS.size)
        if start + sum(sizes) > len(section):
            raise RecordError(
                f"{self._path}: section {number} states {sum(sizes)} bytes of samples, of which "
                f"{len(section) - start} are there"
            )
        signals = []
        for size, length in zip(sizes, lengths, strict=True):
            data = section[start : start + size]
            samples = decode(data, length, self._is_huffman, differences)
            signals.append(samples * (gain * 1e-6))
            start += size
        return step, signals

    def _add_beats(self, step, decoded):
        """Add the reference beat to the rhythm wherever it was subtracted."""
        if 4 not in self._sections or 5 not in self._sections:
            raise RecordError(f"{self._path}: no reference beat, though one was subtracted")
        milliseconds, middle, count = _BEATS.unpack_from(self._sections[4])
        length = milliseconds * 1000 // step
        beat_step, beats = self._signals(5, [length] * len(decoded))
        if beat_step != step or not 0 < middle <= length:
            raise RecordError(
                f"{self._path}: a reference beat of {length} samples of {beat_step} µs with its "
                f"fiducial point at {middle}, for a rhythm of samples of {step} µs"
            )
        for k in range(count):
            kind, first, fiducial, last = _BEAT.unpack_from(
                self._sections[4], _BEATS.size + k * _BEAT.size
            )
            if kind != _TYPE_0:
                continue
            begin = first - fiducial + middle - 1  # of the reference beat
            for (lead_first, lead_last, _), samples, beat in zip(
                self._leads, decoded, beats, strict=True
            ):
                if not (lead_first <= first <= last <= lead_last) or begin < 0:
                    raise RecordError(f"{self._path}: beat {k + 1} is outside of the recording")
                part = beat[begin : begin + last - first + 1]
                if len(part) != last - first + 1:
                    raise RecordError(f"{self._path}: beat {k + 1} is longer than its reference")
                samples[first - lead_first : last - lead_first + 1] += part
