"""A comparison as Markdown, for files and for the terminal."""

from ecg_tf.evaluation.comparison import Comparison
from ecg_tf.reports.comparison import definitions
from ecg_tf.reports.comparison.tables import TEXT_COLUMNS, class_table, pair_table, run_table
from ecg_tf.reports.comparison.verdicts import verdicts
from ecg_tf.reports.formats import markdown_table


def comparison_markdown(comparison: Comparison, picture: str) -> str:
    """Write a comparison as Markdown: answers, tables and definitions.

    Args:
        comparison: the `ecg_tf.evaluation.comparison.Comparison`.
        picture: file name of the figure of the runs, in the folder of the Markdown file.

    Returns:
        Markdown with a final line break.
    """
    parts = [
        f"# {len(comparison.runs)} runs on the {comparison.partition} partition",
        f"{definitions.records_sentence(comparison)} {definitions.INTRODUCTION}",
        *(f"**{caution}**" for caution in definitions.cautions(comparison)),
        *(f"**{verdict.question}** {verdict.sentence}" for verdict in verdicts(comparison)),
        definitions.choice_definition(comparison),
        "## The runs",
        markdown_table(*run_table(comparison), left=TEXT_COLUMNS),
        definitions.RUN_DEFINITIONS,
        definitions.interval_definition(comparison),
        *definitions.metric_definitions(comparison),
        "### AUROC of each class",
        markdown_table(*class_table(comparison)),
        f"![The results of the runs and their intervals]({picture})",
        "## Differences",
        markdown_table(*pair_table(comparison)),
        *definitions.class_differences(comparison),
        definitions.difference_definition(comparison),
    ]
    return "\n\n".join(parts) + "\n"


def format_comparison(comparison: Comparison) -> str:
    """Format the table of runs, the answers and the cautions for the terminal.

    Args:
        comparison: the `ecg_tf.evaluation.comparison.Comparison`.

    Returns:
        Text without a final line break.
    """
    parts = [
        markdown_table(*run_table(comparison), left=TEXT_COLUMNS),
        *(f"{verdict.question} {verdict.sentence}" for verdict in verdicts(comparison)),
        *definitions.cautions(comparison),
    ]
    return "\n\n".join(parts)
