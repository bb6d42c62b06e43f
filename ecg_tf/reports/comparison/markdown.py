"""A comparison as Markdown, which a terminal shows, too."""

from ecg_tf.reports.comparison import definitions as words
from ecg_tf.reports.comparison.tables import class_table, pair_table, run_table
from ecg_tf.reports.comparison.verdicts import verdicts


def comparison_markdown(comparison, picture):
    """The comparison: the answers, the tables, and what the numbers are.

    Args:
        comparison: the `Comparison`.
        picture: name of the file with the picture of the runs, beside the Markdown file.

    Returns:
        str, with a line end after its last line.
    """
    parts = [
        f"# {len(comparison.runs)} runs on the {comparison.partition} partition",
        f"{words.records_sentence(comparison)} {words.INTRODUCTION}",
        *(f"**{caution}**" for caution in words.cautions(comparison)),
        *(f"**{verdict.question}** {verdict.sentence}" for verdict in verdicts(comparison)),
        words.choice_definition(comparison),
        "## The runs",
        markdown_table(*run_table(comparison)),
        words.RUN_WORDS,
        words.interval_definition(comparison),
        *words.metric_definitions(comparison.about.class_names),
        "### AUROC of each class",
        markdown_table(*class_table(comparison)),
        f"![The runs' numbers and their intervals]({picture})",
        "## Differences",
        markdown_table(*pair_table(comparison)),
        words.difference_definition(comparison),
    ]
    return "\n\n".join(parts) + "\n"


def format_comparison(comparison):
    """The table of runs and the answers, for a terminal; no line end after the last line."""
    parts = [
        markdown_table(*run_table(comparison)),
        *(f"{verdict.question} {verdict.sentence}" for verdict in verdicts(comparison)),
        *words.cautions(comparison),
    ]
    return "\n\n".join(parts)


def markdown_table(head, rows):
    """A table in Markdown, aligned.

    Args:
        head: list of cells.
        rows: list of such lists. A cell's further lines follow after a comma.

    Returns:
        str without a line end after its last row.
    """
    lines = [[_plain_cell(cell) for cell in line] for line in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = [
        [cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines
    ]
    rule = ["-" * width for width in widths]
    return "\n".join(f"| {' | '.join(line)} |" for line in (padded[0], rule, *padded[1:]))


def _plain_cell(cell):
    return ", ".join(filter(None, cell.splitlines())).replace("|", "\\|")
