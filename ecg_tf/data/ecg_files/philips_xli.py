"""XLI, the compression of ECGs in Philips XML files.

The samples of each lead are 8 bytes of header (the length of what follows, two unused bytes, the
first difference) and codes of 10 bits by LZW. They unpack to the high bytes of all numbers and then
their low bytes. The first two numbers are samples, the others negative second differences, 64 too
large and one place late. Leads III, aVR, aVL and aVF hold only how they differ from what I and II
predict.

The package sierraecg describes and reads this compression; on damaged data it never ends, so it is
used in the tests only.

References:
    Watford, sierra-ecg-tools: https://github.com/sixlettervariables/sierra-ecg-tools/wiki
"""

import struct

import numpy as np

_HEADER = struct.Struct("<ihh")
_BITS = 10
_END = 2**_BITS - 1  # the code after the last one
_BIAS = 64


def unpack_leads(data: bytes, leads: int, samples: int) -> np.ndarray:
    """Unpack the leads of an ECG: I, II, III, aVR, aVL, aVF and others.

    Args:
        data: the compressed leads.
        leads: number of leads, at least 6.
        samples: number of samples of each lead, at least 2.

    Returns:
        int64 (lead, time).

    Raises:
        ValueError: the data are damaged: they end early or hold other numbers of samples.
    """
    ecg, start = np.empty((leads, samples), np.int64), 0
    for k in range(leads):
        if start + _HEADER.size > len(data):
            raise ValueError(f"{k} of {leads} leads")
        size, _, first = _HEADER.unpack_from(data, start)
        start += _HEADER.size
        if not 0 < size <= len(data) - start:
            raise ValueError(f"{size} bytes of lead {k + 1}, of which {len(data) - start} are left")
        numbers = _unpack_codes(data[start : start + size], 2 * samples)
        ecg[k] = _sum_differences(numbers, first)
        start += size
    _add_predicted(ecg)
    if np.abs(ecg).max() >= 2**15:
        raise ValueError("samples of more than 16 bits")
    return ecg


def _unpack_codes(data: bytes, length: int) -> np.ndarray:
    """Unpack `length` bytes by LZW; returns int64 (length / 2,)."""
    data = data[: (length + 1) * _BITS // 8 + 1]  # each code stands for a byte or more
    bits = np.unpackbits(np.frombuffer(data, np.uint8))
    bits = bits[: len(bits) // _BITS * _BITS].reshape(-1, _BITS)
    words = [bytes([byte]) for byte in range(256)]
    unpacked, before = bytearray(), b""
    for code in (bits @ (1 << np.arange(_BITS)[::-1])).tolist():
        if code == _END or len(unpacked) >= length:
            break
        if code > len(words) or (code == len(words) and not before):
            raise ValueError(f"an unknown code {code}")
        word = words[code] if code < len(words) else before + before[:1]
        if before and len(words) < _END:
            words.append(before + word[:1])
        unpacked += word
        before = word
    if len(unpacked) != length:
        raise ValueError(f"{len(unpacked)} bytes of a lead, expected {length}")
    high, low = np.frombuffer(unpacked, np.uint8).reshape(2, -1).astype(np.int64)
    numbers = high << 8 | low
    return numbers - (numbers >> 15 << 16)  # of 16 bits, signed


def _sum_differences(numbers: np.ndarray, first: int) -> np.ndarray:
    """Return the samples of a lead, int64 (time,)."""
    bends = np.concatenate([[first], numbers[2:-1] - _BIAS])  # negative second differences
    slopes = numbers[1] - numbers[0] - np.cumsum(bends)
    return np.concatenate([numbers[:2], numbers[1] + np.cumsum(slopes)])


def _add_predicted(ecg: np.ndarray) -> None:
    """Complete III, aVR, aVL and aVF in place."""
    ecg[2] = ecg[1] - ecg[0] - ecg[2]
    ecg[3] = -ecg[3] - ((ecg[0] + ecg[1]) >> 1)
    ecg[4] = ((ecg[0] - ecg[2]) >> 1) - ecg[4]
    ecg[5] = ((ecg[1] + ecg[2]) >> 1) - ecg[5]
