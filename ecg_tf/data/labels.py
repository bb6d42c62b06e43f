"""SCP codes of PTB-XL, and the four classes they belong to."""

import re

import numpy as np

from ecg_tf.errors import InputError, quoted

CLASSES = ("MI", "STTC", "CD", "HYP")
NORMAL = "NORM"  # a record with none of the four; a class only where one asks for it
_MOST_CHARACTERS = 2000  # of a record's codes; PTB-XL's longest have 128
_PAIR = r"""\s*(?:'([^'"\\]+)'|"([^'"\\]+)")\s*:\s*([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)\s*"""
_CODES = re.compile(rf"\{{(?:{_PAIR}(?:,{_PAIR})*|\s*)\}}", re.ASCII)


def diagnostic_superclasses(scp_statements):
    """The superclass of every diagnostic SCP code.

    Args:
        scp_statements: PTB-XL's scp_statements.csv as a DataFrame indexed by code, with the
            columns `diagnostic` (1 for a diagnostic code) and `diagnostic_class`.

    Returns:
        {code: superclass}, superclasses being MI, STTC, CD, HYP and NORM.

    Raises:
        InputError: a diagnostic code has another superclass, or none; another code has one; a
            code is there twice; `diagnostic` is neither 1 nor missing.
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


def read_codes(scp_codes):
    """The SCP codes of one record, whatever their likelihood.

    Args:
        scp_codes: the record's `scp_codes`, a text as "{'NORM': 100.0, 'SR': 0.0}": a Python dict
            literal {code: likelihood in percent}.

    Returns:
        A set.

    Raises:
        InputError: `scp_codes` is no such text, a code is there twice, or a likelihood is not
            within 0 and 100.
    """
    text = scp_codes if isinstance(scp_codes, str) else ""
    # Read by hand: Python's own reading of a literal takes its time over what is nested deeply.
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


def record_superclasses(codes, superclass_of):
    """The superclasses of one record (Wagner et al. 2020).

    Args:
        codes: what `read_codes` returned.
        superclass_of: what `diagnostic_superclasses` returned.

    Returns:
        A set, empty where no code is diagnostic.
    """
    return {superclass_of[code] for code in codes if code in superclass_of}


def label_vector(superclasses):
    """uint8 (4,): 1 for each of `CLASSES` among `superclasses`; several may be 1.

    A record with NORM and a disease counts as the disease; none of the four is a NORM record.
    """
    return np.array([name in superclasses for name in CLASSES], np.uint8)


def with_norm(labels):
    """Labels of `CLASSES`, uint8 (record, 4), with NORM, none of them, as a fifth column."""
    return np.column_stack([labels, ~labels.any(axis=1)]).astype(np.uint8)
