"""Fourier transforms of signals that are padded with zeros to twice their length."""

import keras
import numpy as np
from keras import ops

from ecg_tf.layers.portable import has_fourier

Spectrum = tuple[keras.KerasTensor, keras.KerasTensor]


def spectrum(x: keras.KerasTensor) -> Spectrum:
    """Transform signals that are padded with zeros to twice their length.

    The transform is a matrix product for a runtime without Fourier transforms: see
    `ecg_tf.layers.portable.portable`.

    Args:
        x: (…, time) float32.

    Returns:
        Real and imaginary parts, (…, time + 1) each.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers.fourier import spectrum
        >>> re, im = spectrum(np.array([1, 1], "float32"))
        >>> np.asarray(re).tolist(), np.asarray(im).tolist()
        ([2.0, 1.0, 0.0], [0.0, -1.0, 0.0])
    """
    time = x.shape[-1]
    if has_fourier():
        return ops.rfft(x, 2 * time)
    cosine, sine = _waves(time)
    return ops.matmul(x, _constant(cosine)), ops.matmul(x, _constant(-sine))


def signal(re: keras.KerasTensor, im: keras.KerasTensor) -> keras.KerasTensor:
    """Transform spectra back, and keep the first half of the signals.

    Args:
        re: real part, (…, time + 1) float32.
        im: imaginary part, (…, time + 1) float32.

    Returns:
        (…, time) float32.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.layers.fourier import signal, spectrum
        >>> np.asarray(signal(*spectrum(np.array([1, 3], "float32")))).tolist()
        [1.0, 3.0]
    """
    time = re.shape[-1] - 1
    if has_fourier():
        return ops.irfft((re, im), 2 * time)[..., :time]
    # All frequencies but the first and the last one stand for two.
    weights = np.r_[1, np.full(time - 1, 2), 1] / (2 * time)
    cosine, sine = ((wave * weights).T for wave in _waves(time))
    return ops.matmul(re, _constant(cosine)) - ops.matmul(im, _constant(sine))


def _waves(time: int) -> tuple[np.ndarray, np.ndarray]:
    """The cosine and sine of each frequency, (time, time + 1) each."""
    angles = np.pi / time * np.outer(np.arange(time), np.arange(time + 1))
    return np.cos(angles), np.sin(angles)


def _constant(matrix: np.ndarray) -> keras.KerasTensor:
    return ops.convert_to_tensor(matrix, "float32")
