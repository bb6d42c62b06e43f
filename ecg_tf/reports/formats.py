"""Numbers, intervals, durations and tables as text."""

import math
from collections.abc import Iterable, Sequence

UNDEFINED = "–"


def format_number(value: float) -> str:
    """Three decimals; an en dash for NaN.

    Examples:
        >>> format_number(0.81249), format_number(float("nan"))
        ('0.812', '–')
    """
    return UNDEFINED if math.isnan(value) else f"{value:.3f}"


def format_interval(low: float, high: float) -> str:
    """An interval in [0, 1] without leading zeros, to save space; empty for NaN.

    Examples:
        >>> format_interval(0.781, 1.0)
        '.781–1.000'
    """
    if math.isnan(low):
        return ""
    return "–".join(f"{end:.3f}".removeprefix("0") for end in (low, high))


def format_measured(value: float, low: float, high: float) -> str:
    """A number with its interval in brackets; an en dash for NaN.

    Examples:
        >>> format_measured(0.877, 0.861, 0.893)
        '0.877 [0.861, 0.893]'
    """
    if math.isnan(value):
        return UNDEFINED
    return f"{format_number(value)} [{format_number(low)}, {format_number(high)}]"


def format_difference(value: float, low: float, high: float) -> str:
    """A difference with its interval, all with signs; an en dash for NaN.

    Examples:
        >>> format_difference(0.012, -0.003, 0.027)
        '+0.012 [−0.003, +0.027]'
    """
    if math.isnan(value):
        return UNDEFINED
    value, low, high = map(format_signed, (value, low, high))
    return f"{value} [{low}, {high}]"


def format_signed(value: float) -> str:
    """Three decimals with a sign (a minus sign, not a hyphen); no sign for 0.000.

    Examples:
        >>> format_signed(-0.0312), format_signed(-0.0001)
        ('−0.031', '0.000')
    """
    text = f"{value:+.3f}".replace("-", "−")
    return text[1:] if float(f"{value:.3f}") == 0 else text


def format_p(p: float) -> str:
    """A p-value; empty for NaN.

    Examples:
        >>> format_p(0.0123), format_p(0.0002)
        ('p = 0.012', 'p < 0.001')
    """
    if math.isnan(p):
        return ""
    return f"p = {p:.3f}" if p >= 0.001 else "p < 0.001"


def format_duration(seconds: float | None) -> str:
    """A duration in seconds, minutes or hours; an en dash for None.

    Examples:
        >>> format_duration(12), format_duration(318), format_duration(7560)
        ('12 s', '5.3 min', '2.1 h')
    """
    if seconds is None:
        return UNDEFINED
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def align(rows: Iterable[Sequence[str]], left: int = 1) -> list[list[str]]:
    """Pad cells so that all cells of a column have the same width.

    Args:
        rows: rows of cells, all of the same length.
        left: number of columns, from the first, that are aligned left; the others are aligned
            right.

    Examples:
        >>> align([["", "TP"], ["MI", "7"]])
        [['  ', 'TP'], ['MI', ' 7']]
    """
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        [
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        for row in rows
    ]


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """An aligned Markdown table, without a final line break.

    Args:
        head: cells of the header.
        rows: rows of cells. The lines of a cell are joined by commas.
        left: number of columns, from the first, that are aligned left; the others are aligned
            right.

    Examples:
        >>> print(markdown_table(["", "TP", "TN"], [["MI", "9", "35"]]))
        |    | TP | TN |
        | -- | -: | -: |
        | MI |  9 | 35 |
    """
    rules = ["--" if place < left else "-:" for place in range(len(head))]
    head, rules, *body = align(
        [[_one_line(cell) for cell in row] for row in (head, rules, *rows)], left
    )
    rule = [rule.strip().rjust(len(rule), "-") for rule in rules]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *body))


def _one_line(cell):
    return ", ".join(filter(None, cell.splitlines())).replace("|", "\\|")
