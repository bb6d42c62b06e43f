"""SCP codes of PTB-XL, and the four classes they belong to."""

import ast

import numpy as np

from ecg_tf.errors import InputError

CLASSES = ("MI", "STTC", "CD", "HYP")
NORMAL = "NORM"  # a record with none of the four; a class only where one asks for it


def diagnostic_superclasses(scp_statements):
    """The superclass of every diagnostic SCP code.

    Args:
        scp_statements: PTB-XL's scp_statements.csv as a DataFrame indexed by code, with the
            columns `diagnostic` (1 for a diagnostic code) and `diagnostic_class`.

    Returns:
        {code: superclass}, superclasses being MI, STTC, CD, HYP and NORM.

    Raises:
        InputError: a diagnostic code has another superclass, or none.
    """
    diagnostic = scp_statements[scp_statements["diagnostic"] == 1]
    superclass_of = diagnostic["diagnostic_class"].to_dict()
    for code, superclass in superclass_of.items():
        if superclass not in (*CLASSES, NORMAL):
            raise InputError(
                f"scp_statements.csv: {code} has diagnostic_class {superclass!r}, "
                f"expected {', '.join(CLASSES)} or {NORMAL}"
            )
    return superclass_of


def read_codes(scp_codes):
    """The SCP codes of one record, whatever their likelihood.

    Args:
        scp_codes: the record's `scp_codes`, a Python dict literal {code: likelihood}.

    Returns:
        A set.

    Raises:
        InputError: `scp_codes` is not such a literal.
    """
    try:
        codes = ast.literal_eval(scp_codes)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):  # all it may raise
        codes = None
    if not isinstance(codes, dict):
        raise InputError(f"scp_codes is {scp_codes!r}, expected a dict such as {{'NORM': 100.0}}")
    return set(codes)


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
