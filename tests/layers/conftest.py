"""The golden records, raw, scaled, and as the reference's images."""

import numpy as np
import pytest
import reference


@pytest.fixture(scope="session")
def ecg(golden):
    """(8, 1000, 3) float32 millivolt: leads I, II, V2."""
    return (golden("inputs")["signal_uv"][:, :, [0, 1, 7]] / 1000).astype(np.float32)


@pytest.fixture(scope="session")
def scaled(ecg):
    """Two records, band-passed, in [0, 1], no sample within 1e-6 of an edge between two bins."""
    x = reference.min_max(reference.bandpassed(ecg)).astype(np.float32)
    far = np.abs(x[..., None] - reference.bin_edges()).min(axis=(1, 2, 3)) > 1e-6
    assert far.sum() >= 2
    return x[far][:2]


@pytest.fixture(scope="session")
def reference_levels(golden):
    """The reference's grey levels of the same ECGs in float64: (8, 256, 256, 9)."""
    return reference.ecg_image(golden("inputs")["signal_uv"][:, :, [0, 1, 7]] / 1000)
