"""The signal files of WFDB records, decoded as signal(5) of the WFDB manual describes them.

wfdb reads signal files only by way of a header that it parses itself; here the header is parsed
already. The tests compare with wfdb.

References:
    https://physionet.org/physiotools/wag/signal-5.htm
"""

import struct

import numpy as np

from ecg_tf.errors import RecordError

# Formats: {format: the value that marks a missing sample}
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
_WHOLE = {"8": "i1", "16": "<i2", "32": "<i4", "61": ">i2", "80": "u1", "160": "<u2"}
_BYTES = {"24": (3,), "212": (2, 3), "310": (2, 4, 4), "311": (2, 3, 4)}  # of 1, 2, … samples
_COMPRESSED = {"508": 8, "516": 16, "524": 24}  # bits of a sample
_FLAC_BITS = {"PCM_S8": 8, "PCM_16": 16, "PCM_24": 24}  # as soundfile calls them
_FLAC_BLOCK = 2**20  # libsndfile fails to read 2**24 samples at once
_MOST_UNPACKED = 2**24  # samples that any compressed file may hold, however small it is
_MOST_A_BYTE = 100  # samples of a larger one; of ECGs, less than 10
_MATLAB_HEAD = struct.Struct("<5i")  # type, rows, columns, whether complex, bytes of the name
_MATLAB_TYPES = {"16": 30, "32": 20, "80": 50}


def read_signals(path, signals, frames, name):
    """Read a signal file: the samples as it holds them.

    Args:
        path: the file.
        signals: those of a `Header` that lie in it, in order.
        frames: how many to read; None for as many as there are.
        name: what errors call the record.

    Returns:
        A list of int arrays (frames * per_frame,), one for each signal.

    Raises:
        RecordError: a format that is none, an offset or a format that differs between the signals,
            a file that is too short or another kind than its header says.
        OSError: it cannot be read.
    """
    layout = {(signal.format, signal.offset) for signal in signals}
    if len(layout) > 1:
        raise RecordError(f"{name}: {path.name} in several formats or with several offsets")
    form, offset = layout.pop()
    if form not in MISSING:
        raise RecordError(f"{name}: {path.name} in format {form}, expected {', '.join(MISSING)}")
    if form in _COMPRESSED:
        return _read_flac(path, signals, frames, name)
    width = sum(signal.per_frame for signal in signals)
    if path.suffix.lower() == ".mat":
        _check_matlab(path, form, offset, width, name)
    available = path.stat().st_size
    if frames is None:
        frames = max(available - offset, 0) * len(_sizes(form)) // (_sizes(form)[-1] * width)
        if not frames:
            raise RecordError(f"{name}: {path.name} holds {available} bytes, which are no samples")
    expected = offset + _size(form, frames * width)
    if available < expected:
        raise RecordError(f"{name}: {path.name} holds {available} bytes, expected {expected}")
    with path.open("rb") as file:
        file.seek(offset)
        content = file.read(expected - offset)
    if len(content) < expected - offset:
        raise RecordError(f"{name}: {path.name} became shorter while it was read")
    table = _unpacked(content, form)[: frames * width].reshape(frames, width)
    ends = np.cumsum([signal.per_frame for signal in signals])
    found = [part.reshape(-1) for part in np.split(table, ends[:-1], axis=1)]
    if form == "8":
        found = [
            np.cumsum(part, dtype=np.int64) + signal.first
            for signal, part in zip(signals, found, strict=True)
        ]
    return found


def _sizes(form):
    """Bytes that the first samples of a block take: of one, of two … of all."""
    return _BYTES.get(form) or (np.dtype(_WHOLE[form]).itemsize,)


def _size(form, samples):
    """Bytes that a number of samples takes."""
    sizes = _sizes(form)
    blocks, rest = divmod(samples, len(sizes))
    return blocks * sizes[-1] + (sizes[rest - 1] if rest else 0)


def _unpacked(content, form):
    """The samples in the bytes of a file, up to the end of the last block."""
    if form in _WHOLE:
        samples = np.frombuffer(content, _WHOLE[form])
        if form in ("80", "160"):  # offset binary
            samples = samples.astype(np.int32) - (2**7 if form == "80" else 2**15)
        return samples
    block = _sizes(form)[-1]
    content += bytes(-len(content) % block)
    byte = np.frombuffer(content, np.uint8).reshape(-1, block).T.astype(np.int32)
    if form == "24":
        packed, bits = [byte[0] | byte[1] << 8 | byte[2] << 16], 24
    elif form == "212":
        packed, bits = [byte[0] | (byte[1] & 0xF) << 8, byte[2] | (byte[1] >> 4) << 8], 12
    elif form == "310":
        a, b = byte[0] | byte[1] << 8, byte[2] | byte[3] << 8
        packed, bits = [a >> 1 & 0x3FF, b >> 1 & 0x3FF, a >> 11 | b >> 11 << 5], 10
    else:  # 311
        a = byte[0] | byte[1] << 8 | byte[2] << 16 | byte[3] << 24
        packed, bits = [a & 0x3FF, a >> 10 & 0x3FF, a >> 20 & 0x3FF], 10
    samples = np.stack(packed, axis=1).reshape(-1)
    return samples - (samples >> bits - 1 << bits)  # two's complement


def _check_matlab(path, form, offset, width, name):
    """A .mat file is a matrix of MATLAB 4, as the PhysioNet challenges have them."""
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


def _read_flac(path, signals, frames, name):
    """The signals in a compressed file."""
    import soundfile

    with path.open("rb") as file:
        if file.read(4) != b"fLaC":  # soundfile opens many other kinds, too
            raise RecordError(
                f"{name}: {path.name} is no FLAC file, which format {signals[0].format} is"
            )
        file.seek(0)
        try:
            with soundfile.SoundFile(file) as flac:
                length = _flac_length(flac, path, signals, frames, name)
                flac.seek(signals[0].offset)
                samples = np.empty((length, len(signals)), np.int32)
                for block in np.split(samples, range(_FLAC_BLOCK, length, _FLAC_BLOCK)):
                    read = len(flac.read(out=block))
                    if read < len(block):
                        raise RecordError(f"{name}: {path.name} ends before its {length} samples")
                bits = _FLAC_BITS[flac.subtype]
        except soundfile.SoundFileError as error:
            raise RecordError(f"{name}: {path.name} cannot be unpacked: {error}") from error
    samples >>= 32 - bits  # soundfile fills the 32 from above
    return list(samples.T)


def _flac_length(flac, path, signals, frames, name):
    """How many samples of each signal to read from an open FLAC file, before any is read."""
    form, offset = signals[0].format, signals[0].offset
    bits = _FLAC_BITS.get(flac.subtype, 32)
    if flac.channels != len(signals) or bits > _COMPRESSED[form]:
        raise RecordError(
            f"{name}: {path.name} has {flac.channels} signals of {bits} bits, "
            f"expected {len(signals)} in format {form}"
        )
    per_frame = signals[0].per_frame
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
    return length
