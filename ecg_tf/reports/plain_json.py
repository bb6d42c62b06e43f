"""Conversion of numpy and pandas values to JSON."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd


def plain_json(content: object) -> str:
    """Convert nested dictionaries and lists to indented JSON text with a final line break.

    numpy numbers and arrays become numbers and lists, paths and keys become text. NaN, infinities
    and <NA> become null.

    Examples:
        >>> print(plain_json({"auroc": np.float64(0.5), "brier": float("nan")}), end="")
        {
          "auroc": 0.5,
          "brier": null
        }
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
