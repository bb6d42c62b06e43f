"""The tables of docs/model_card.md, generated from the cards of the shipped networks."""

import collections
import math
from pathlib import Path

from ecg_tf.errors import InputError
from ecg_tf.files import write_atomically
from ecg_tf.reports.formats import UNDEFINED, format_interval, format_number, markdown_table

_INTERVALS = "95 % intervals in parentheses"
_MOST_TOGETHER = 8  # classes whose AUROCs are in the table of the other figures
BEGIN, END = "<!-- tables: bin/model_card.py -->", "<!-- end of tables -->"


def write_tables(path, cards):
    """Write the tables of `cards` between the two markers of a Markdown file.

    Args:
        path: the file, replaced atomically.
        cards: list of dictionaries, `ecg_tf.shipping.card.make_card`.

    Raises:
        InputError: the file does not exist, or does not hold each marker once.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    text = path.read_text("utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(END) < text.index(BEGIN):
        raise InputError(f"{path}: expected the lines {BEGIN} and {END}, once each")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    write_atomically(path, f"{before}{BEGIN}\n\n{tables(cards)}\n\n{END}{after}")


def tables(cards):
    """Return Markdown: a summary of all networks, then a section for each."""
    if not cards:
        return "No network is shipped yet."
    return "\n\n".join([_summary(cards), *map(_section, cards)])


def about(card):
    """Return text: the input, the training data, and the records that the figures are of."""
    data, figures = card["training_data"], card["figures"]
    folds = data["folds"]
    return (
        f"Input: {', '.join(card['leads'])}. Training data: {data['records']['train']:,} records"
        f"{_folds(folds['train'])} of {data['database']} ({data['database_rows']:,} rows)"
        f"{_teachers(card)}. Figures: {figures['partition']} partition"
        f"{_folds(figures['folds'])}, {figures['records']:,} records of {figures['patients']:,} "
        "patients. Rounding the weights to float16 changed the macro AUROC by "
        f"{card['float16']['macro_auroc']:.0e}."
    )


def _section(card):
    parts = [f"### `pretrained:{card['name']}`", card["description"], about(card)]
    return "\n\n".join([*filter(None, parts), figure_tables(card)])


def _summary(cards):
    rows = [
        [
            f"`pretrained:{card['name']}`",
            f"`{card['network']}`",
            str(len(card["leads"])),
            f"{card['parameters']:,}",
            f"{sum(file['bytes'] for file in card['files'].values()) / 1e6:.1f}",
            _cell(card["figures"]["macro_auroc"]),
            _cell(card["figures"]["pooled"]["g_mean"]),
            _on_test(card, "macro_auroc"),
            _on_test(card, "pooled_g_mean"),
        ]
        for card in cards
    ]
    head = ["", "network", "leads", "parameters", "MB", "macro AUROC, dev", "pooled G-mean, dev"]
    return markdown_table([*head, "macro AUROC, test", "pooled G-mean, test"], rows)


def figure_tables(card):
    """Return Markdown: the figures of one network, and those of groups of patients."""
    figures = card["figures"]
    pooled = figures["pooled"]
    macro = ["AUROC, macro", _cell(figures["macro_auroc"]), _on_test(card, "macro_auroc")]
    aurocs = [
        [f"AUROC, {name}", _cell(value), _on_test(card, "auroc", name)]
        for name, value in figures["auroc"].items()
    ]
    many = len(aurocs) > _MOST_TOGETHER
    of_classes = [macro] if many else [macro, *aurocs]
    if "macro_auroc_with_norm" in figures:
        key = "macro_auroc_with_norm"
        of_classes.append(["AUROC, macro with NORM", _cell(figures[key]), _on_test(card, key)])
    of_ptb_xl = card.get("test_figures", {}).get("macro_auroc_with_norm_of_ptb_xl")
    if of_ptb_xl:
        of_classes.append(["AUROC, macro with NORM of PTB-XL", "", f"{of_ptb_xl:.4f}"])
    of_classes += [
        ["sensitivity, pooled", _cell(pooled["sensitivity"]), ""],
        ["specificity, pooled", _cell(pooled["specificity"]), ""],
        ["G-mean, pooled", _cell(pooled["g_mean"]), _on_test(card, "pooled_g_mean")],
    ]
    of_groups = [
        [f"{kind}: {name}", f"{g['records']:,}", _cell(g["macro_auroc"]), _cell(g["pooled_g_mean"])]
        for kind, groups in card["subgroups"].items()
        for name, g in groups.items()
    ]
    return "\n\n".join(
        [
            markdown_table([_INTERVALS, "dev", "test"], of_classes),
            *([markdown_table([_INTERVALS, "dev", "test"], aurocs)] if many else []),
            markdown_table(["group", "records", "macro AUROC", "pooled G-mean"], of_groups),
        ]
    )


def _teachers(card):
    """Describe the networks whose predictions softened the training labels, if there were any."""
    teachers = card.get("teachers", [])  # older cards have no such key
    counts = collections.Counter(
        f"`{teacher['model']}` of {len(teacher['leads'])} leads" for teacher in teachers
    )
    listed = ", ".join(f"{count} × {name}" for name, count in counts.items())
    return f", with labels softened by the predictions of {listed}" * bool(teachers)


def _folds(folds):
    """Format folds as ", folds 1, 2"; empty for a data set without folds."""
    if not folds:
        return ""
    return f", {'fold' if len(folds) == 1 else 'folds'} {', '.join(map(str, folds))}"


def _on_test(card, key, label=None):
    """Format a figure on the test fold; "pending" for a network that was not scored on it."""
    if "test_figures" not in card:
        return "pending"
    figure = card["test_figures"][key]
    if label:
        return UNDEFINED if figure[label] is None else f"{figure[label]:.4f}"
    if key == "pooled_g_mean":
        return _cell(figure)
    return f"{figure['value']:.4f} ({format_interval(*figure['interval'])})"


def _cell(number):
    """Format a figure with its interval as 0.912 (.900–.924); – where undefined."""
    value, low, high = (
        math.nan if part is None else part for part in (number["value"], *number["interval"])
    )
    interval = format_interval(low, high)
    return f"{format_number(value)} ({interval})" if interval else format_number(value)
