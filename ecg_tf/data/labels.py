"""SCP codes of PTB-XL and the four diagnostic classes.

References:
    P. Wagner et al., "PTB-XL, a large publicly available electrocardiography dataset", Scientific
    Data 7, 154 (2020), doi:10.1038/s41597-020-0495-6.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ecg_tf.errors import InputError, quoted

if TYPE_CHECKING:
    import pandas as pd

CLASSES = ("MI", "STTC", "CD", "HYP")
NORMAL = "NORM"  # a record with none of the four classes; optionally a class of its own
_MOST_CHARACTERS = 2000  # of the codes of a record; at most 128 in PTB-XL
_PAIR = r"""\s*(?:'([^'"\\]+)'|"([^'"\\]+)")\s*:\s*([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)\s*"""
_CODES = re.compile(rf"\{{(?:{_PAIR}(?:,{_PAIR})*|\s*)\}}", re.ASCII)


def diagnostic_superclasses(scp_statements: pd.DataFrame) -> dict[str, str]:
    """Return the superclass of every diagnostic SCP code.

    Args:
        scp_statements: PTB-XL's scp_statements.csv as a DataFrame indexed by code, with the
            columns `diagnostic` (1 for a diagnostic code) and `diagnostic_class`.

    Returns:
        {code: superclass}, where a superclass is MI, STTC, CD, HYP or NORM.

    Raises:
        InputError: a diagnostic code has no superclass or an unknown one; another code has a
            superclass; a code is repeated; `diagnostic` is neither 1 nor missing.
    """
    twice = scp_statements.index[scp_statements.index.duplicated()]
    if len(twice):
        raise InputError(f"scp_statements.csv: {twice[0]} twice, expected each code once")
    superclass_of = {}
    columns = (scp_statements[name] for name in ("diagnostic", "diagnostic_class"))
    for code, diagnostic, superclass in zip(scp_statements.index, *columns, strict=True):
        known = isinstance(superclass, str)
        found = quoted(superclass) if known else "none"
        if not (diagnostic == 1 or np.isnan(diagnostic)):
            raise InputError(
                f"scp_statements.csv: {code} has diagnostic {diagnostic:g}, expected 1 or nothing"
            )
        if diagnostic == 1 and not (known and superclass in (*CLASSES, NORMAL)):
            raise InputError(
                f"scp_statements.csv: {code} has diagnostic_class {found}, "
                f"expected {', '.join(CLASSES)} or {NORMAL}"
            )
        if diagnostic != 1 and known:
            raise InputError(
                f"scp_statements.csv: {code} has diagnostic_class {found} and is not diagnostic; "
                "expected no class, or diagnostic 1"
            )
        if diagnostic == 1:
            superclass_of[code] = superclass
    return superclass_of


def read_codes(scp_codes: str) -> set[str]:
    """Return the set of the SCP codes of one record, of any likelihood.

    Args:
        scp_codes: text of the record's `scp_codes`, a Python literal {code: likelihood in percent}
            such as "{'NORM': 100.0, 'SR': 0.0}".

    Raises:
        InputError: `scp_codes` is not such a text, a code is repeated, or a likelihood is not
            within 0 and 100.
    """
    text = scp_codes if isinstance(scp_codes, str) else ""
    # Parsed by a regular expression: ast.literal_eval is slow for deeply nested text.
    if len(text) > _MOST_CHARACTERS or not _CODES.fullmatch(text):
        found = quoted(text) if text else "empty"
        raise InputError(f"scp_codes is {found}, expected a dict such as {{'NORM': 100.0}}")
    codes = set()
    for single, double, number in re.findall(_PAIR, text, re.ASCII):
        code = single or double
        if not 0 <= float(number) <= 100:
            raise InputError(
                f"scp_codes has {quoted(code)} with likelihood {quoted(number)}, expected 0 to 100"
            )
        if code in codes:
            raise InputError(f"scp_codes has {quoted(code)} twice, expected each code once")
        codes.add(code)
    return codes


def record_superclasses(codes: Iterable[str], superclass_of: dict[str, str]) -> set[str]:
    """Return the set of superclasses of one record (Wagner et al. 2020).

    Args:
        codes: the codes of the record, from `read_codes`.
        superclass_of: {code: superclass} from `diagnostic_superclasses`.

    Returns:
        A set; empty if no code is diagnostic.
    """
    return {superclass_of[code] for code in codes if code in superclass_of}


def label_vector(superclasses: Iterable[str], class_names: Sequence[str] = CLASSES) -> np.ndarray:
    """Return the multi-label vector of a record.

    By default NORM has no entry: a record with NORM and a disease has the label of the disease, and
    a record without a disease is all zeros.

    Args:
        superclasses: the superclasses of the record, or other names of classes.
        class_names: the classes, in the order of the labels. Default: the four classes.

    Returns:
        uint8 (class,): 1 for each of `class_names` among `superclasses`.

    Examples:
        >>> from ecg_tf.data.labels import label_vector
        >>> label_vector({"MI", "HYP"}).tolist()  # MI, STTC, CD, HYP
        [1, 0, 0, 1]
    """
    return np.array([name in superclasses for name in class_names], np.uint8)


def with_norm(labels: np.ndarray) -> np.ndarray:
    """Append NORM, a record with none of the four classes, as a fifth label.

    Args:
        labels: uint8 (record, 4), labels of `CLASSES`.

    Returns:
        uint8 (record, 5).

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.data.labels import with_norm
        >>> with_norm(np.array([[1, 0, 0, 0], [0, 0, 0, 0]], np.uint8)).tolist()
        [[1, 0, 0, 0, 0], [0, 0, 0, 0, 1]]
    """
    return np.column_stack([labels, ~labels.any(axis=1)]).astype(np.uint8)
