"""What JSON can hold, of what it cannot."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd


def plain_json(content):
    """`content` as indented JSON text with a line end.

    numpy's numbers and arrays become Python's, paths text, NaN, infinities and <NA> null; keys are
    text.
    """
    return json.dumps(_plain(content), indent=2, allow_nan=False) + "\n"


def _plain(value):
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    if value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value
