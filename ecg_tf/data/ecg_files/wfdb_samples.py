"""Reading the signal files of WFDB records, after checking them.

The header is parsed by `ecg_tf.data.ecg_files.wfdb_header`, and each file is compared with it.
numpy reads format 16, that of PTB-XL; wfdb would take 10 ms a record, mostly for the header. wfdb
reads the other formats. It guesses if a header is unusual, follows names out of the folder, and
allocates as much memory as a header states. Therefore it is given a simple header that holds only
what has been checked.
"""

import contextlib
import struct
import tempfile
from pathlib import Path

import numpy as np

from ecg_tf.errors import RecordError

# {format: the value that marks a missing sample}
MISSING = {
    "8": None,
    "16": -(2**15),
    "24": -(2**23),
    "32": -(2**31),
    "61": -(2**15),
    "80": -(2**7),
    "160": -(2**15),
    "212": -(2**11),
    "310": -(2**9),
    "311": -(2**9),
    "508": -(2**7),
    "516": -(2**15),
    "524": -(2**23),
}
# {format: bytes of one sample, of two, … of all samples that share bytes}
_BYTES = {
    "8": (1,),
    "16": (2,),
    "24": (3,),
    "32": (4,),
    "61": (2,),
    "80": (1,),
    "160": (2,),
    "212": (2, 3),
    "310": (2, 4, 4),
    "311": (2, 3, 4),
}
_COMPRESSED = {"508": 8, "516": 16, "524": 24}  # bits of a sample
_FLAC_BITS = {"PCM_S8": 8, "PCM_16": 16, "PCM_24": 24}  # as soundfile calls them
_MOST_UNPACKED = 2**24  # samples that a compressed file of any size may hold
_MOST_A_BYTE = 100  # samples per byte of a larger file; compressed ECGs have less than 10
_MATLAB_HEAD = struct.Struct("<5i")  # type, rows, columns, whether complex, bytes of the name
_MATLAB_TYPES = {"16": 30, "32": 20, "80": 50}


def read_signals(path, signals, frames, name):
    """Read the samples of a signal file.

    Args:
        path: the file.
        signals: the signals of a `Header` that this file holds, in order.
        frames: number of frames to read; None for all.
        name: name of the record in errors.

    Returns:
        A list of int arrays (frames * per_frame,), one for each signal.

    Raises:
        RecordError: an unknown format, signals with different formats or offsets, a file that is
            too short or of another kind than its header states.
        OSError: the file cannot be read.
    """
    form = signals[0].format
    if len({(signal.format, signal.offset) for signal in signals}) > 1:
        raise RecordError(f"{name}: {path.name} in several formats or with several offsets")
    if form not in MISSING:
        raise RecordError(f"{name}: {path.name} in format {form}, expected {', '.join(MISSING)}")
    check = _flac_frames if form in _COMPRESSED else _raw_frames
    decode = _decoded_16 if form == "16" else _decoded_by_wfdb
    return decode(path, signals, check(path, signals, frames, name), name)


def _raw_frames(path, signals, frames, name):
    """Return the number of frames to read from an uncompressed file, after checking its size."""
    form, offset = signals[0].format, signals[0].offset
    width = sum(signal.per_frame for signal in signals)
    if path.suffix.lower() == ".mat":
        _check_matlab(path, form, offset, width, name)
    available, sizes = path.stat().st_size, _BYTES[form]
    if frames is None:
        frames = max(available - offset, 0) * len(sizes) // (sizes[-1] * width)
        if not frames:
            raise RecordError(f"{name}: {path.name} holds {available} bytes, which are no samples")
    blocks, rest = divmod(frames * width, len(sizes))
    expected = offset + blocks * sizes[-1] + (sizes[rest - 1] if rest else 0)
    if available < expected:
        raise RecordError(f"{name}: {path.name} holds {available} bytes, expected {expected}")
    return frames


def _decoded_16(path, signals, frames, name):
    """Read the samples of a file in format 16: frame by frame, little-endian."""
    ends = np.cumsum([signal.per_frame for signal in signals])
    number = frames * ends[-1]
    samples = np.fromfile(path, "<i2", number, offset=signals[0].offset)
    if len(samples) < number:  # the file has become shorter since its size was checked
        raise RecordError(f"{name}: {path.name} holds {len(samples)} samples, expected {number}")
    by_frame = samples.reshape(frames, -1)
    return [part.ravel() for part in np.split(by_frame, ends[:-1], axis=1)]


def _decoded_by_wfdb(path, signals, frames, name):
    """Read the samples by wfdb, with a simple header in a temporary folder."""
    import wfdb

    # Smoothing does nothing to one sample per frame, but without it wfdb cannot read format 61.
    one_a_frame = all(signal.per_frame == 1 for signal in signals)
    with _plain_record(path, signals, frames, name) as plain:
        try:
            record = wfdb.rdrecord(str(plain), physical=False, smooth_frames=one_a_frame)
        except Exception as error:  # wfdb raises many kinds of errors
            raise RecordError(f"{name}: {path.name} cannot be read by wfdb: {error}") from error
    return list(record.d_signal.T) if one_a_frame else record.e_d_signal


@contextlib.contextmanager
def _plain_record(path, signals, frames, name):
    """Write a record into a temporary folder: a simple header, and a link to the signal file."""
    with contextlib.ExitStack() as stack:
        try:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            lines = [f"record {len(signals)} 1 {frames}"]
            for signal in signals:
                form = f"{signal.format}x{signal.per_frame}+{signal.offset}"
                lines.append(f"signals.dat {form} 1(0)/mV 0 0 {signal.first}")
            (folder / "record.hea").write_text("\n".join(lines) + "\n")
            (folder / "signals.dat").symlink_to(path.resolve())
        except OSError as error:  # not an error of the record
            raise RecordError(
                f"{name}: no temporary folder to read it by: {error.strerror}; set TMPDIR to a "
                "folder that may be written"
            ) from error
        yield folder / "record"


def _check_matlab(path, form, offset, width, name):
    """Check that a .mat file is a matrix of MATLAB 4, as in the PhysioNet challenges."""
    with path.open("rb") as file:
        head = file.read(_MATLAB_HEAD.size)
    numbers = _MATLAB_HEAD.unpack(head) if len(head) == _MATLAB_HEAD.size else (None,) * 5
    kind, rows, _, complex_, letters = numbers
    if head.startswith(b"MATLAB"):
        found = "a MAT-file of MATLAB 5 or later"
    elif kind is None or kind != _MATLAB_TYPES.get(form) or complex_:
        found = "no MATLAB 4 matrix of such numbers"
    elif rows != width or offset != _MATLAB_HEAD.size + letters:
        found = f"a matrix of {rows} rows, which begin at byte {_MATLAB_HEAD.size + letters}"
    else:
        return
    raise RecordError(
        f"{name}: {path.name} is {found}; expected one of MATLAB 4 in format {form} with {width} "
        f"rows from byte {offset} on (scipy.io.savemat writes it with format='4')"
    )


def _flac_frames(path, signals, frames, name):
    """Return the number of frames to read from a compressed file, after checking its size.

    Raises:
        RecordError: the file is not a FLAC file, has other signals than the header states, or
            holds far more samples than its size allows for an ECG.
    """
    import soundfile

    form, offset, per_frame = signals[0].format, signals[0].offset, signals[0].per_frame
    try:
        with path.open("rb") as file:
            if file.read(4) != b"fLaC":  # soundfile also opens many other kinds
                raise RecordError(f"{name}: {path.name} is no FLAC file, which format {form} is")
        flac = soundfile.info(str(path))
    except soundfile.SoundFileError as error:
        raise RecordError(f"{name}: {path.name} cannot be unpacked: {error}") from error
    bits = _FLAC_BITS.get(flac.subtype, 32)
    if flac.channels != len(signals) or bits > _COMPRESSED[form]:
        raise RecordError(
            f"{name}: {path.name} has {flac.channels} signals of {bits} bits, "
            f"expected {len(signals)} in format {form}"
        )
    if any(signal.per_frame != per_frame for signal in signals):
        raise RecordError(f"{name}: {path.name} has signals of several rates; expected one")
    length = (max(flac.frames - offset, 0) // per_frame if frames is None else frames) * per_frame
    if not length or flac.frames < offset + length:
        raise RecordError(
            f"{name}: {path.name} holds {flac.frames} samples, expected {offset + (length or 1)}"
        )
    most = max(_MOST_UNPACKED, _MOST_A_BYTE * path.stat().st_size)
    if (offset + length) * len(signals) > most:
        raise RecordError(
            f"{name}: {path.name} unpacks to {(offset + length) * len(signals)} samples, "
            f"expected at most {most} in a file of its size"
        )
    return length // per_frame
