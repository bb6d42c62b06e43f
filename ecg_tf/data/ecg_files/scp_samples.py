"""Decoding the samples in SCP-ECG files: the default Huffman table and differences.

References:
    EN 1064:2005+A1:2007, sections 5.5 to 5.9 and Annex C
"""

import numpy as np

_MOST_ONES = 10  # at the beginning of a code
_ESCAPES = {9: 8, 10: 16}  # {ones at the beginning of a code: bits of the number behind it}


def decode(data: bytes, samples: int, is_huffman: bool, differences: int) -> np.ndarray:
    """Decode the samples of one lead.

    Args:
        data: bytes of the lead.
        samples: number of samples.
        is_huffman: True for codes of the default Huffman table, False for 16-bit numbers.
        differences: 0 if the numbers are the samples, 1 or 2 for first or second differences.

    Returns:
        int64 (time,).

    Raises:
        ValueError: the data end early, or the samples have more than 16 bits.
    """
    if is_huffman:
        numbers = _huffman(data, samples)
    else:
        if len(data) < 2 * samples:
            raise ValueError(f"{len(data)} bytes for {samples} samples")
        numbers = np.frombuffer(data, "<i2", samples).astype(np.int64)
    # The first sample, and with second differences the second one too, are not differences.
    if differences == 1:
        numbers = np.cumsum(numbers)
    elif differences == 2 and samples > 1:
        slopes = np.cumsum(np.concatenate([[numbers[1] - numbers[0]], numbers[2:]]))
        numbers = np.concatenate([numbers[:1], numbers[0] + np.cumsum(slopes)])
    if samples and np.abs(numbers).max() >= 2**31:
        raise ValueError("samples of more than 32 bits")
    return numbers


def _huffman(data: bytes, count: int) -> np.ndarray:
    """Decode numbers; returns int64 (count,).

    The code of 0 is 0. That of ±1 to ±8 is as many ones, a zero and the sign. Nine ones and a zero
    are followed by a number of 8 bits, ten ones by a number of 16 bits.
    """
    bits = "".join(f"{byte:08b}" for byte in data)
    numbers, place = [], 0
    for _ in range(count):
        zero = bits.find("0", place, place + _MOST_ONES)
        ones = _MOST_ONES if zero < 0 else zero - place
        if ones in _ESCAPES:
            start, place = place + _MOST_ONES, place + _MOST_ONES + _ESCAPES[ones]
            text = bits[start:place]
            number = int(text or "0", 2) - (1 << len(text) if text.startswith("1") else 0)
        elif ones:
            place = zero + 2
            number = -ones if bits[zero + 1 : place] == "1" else ones
        else:
            place += 1
            number = 0
        if place > len(bits):
            raise ValueError(f"its codes end after {len(numbers)} of {count} samples")
        numbers.append(number)
    return np.array(numbers, np.int64)
