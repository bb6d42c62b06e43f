"""The tables of docs/model_card.md, made of the cards of the shipped networks."""

import collections
import math
from pathlib import Path

from ecg_tf.errors import InputError
from ecg_tf.files import write_atomically
from ecg_tf.reports.formats import format_interval, format_number, markdown_table

BEGIN, END = "<!-- tables: bin/model_card.py -->", "<!-- end of tables -->"


def write_tables(path, cards):
    """Put the tables of `cards` between the two markers of a Markdown file.

    Args:
        path: the file, written whole or not at all.
        cards: list of dictionaries, `ecg_tf.shipping.card.make_card`.

    Raises:
        InputError: no such file, or not one of each marker.
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
    """Markdown: a summary of all networks, then a section for each."""
    if not cards:
        return "No network is shipped yet."
    return "\n\n".join([_summary(cards), *map(_section, cards)])


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
        ]
        for card in cards
    ]
    return markdown_table(
        ["", "network", "leads", "parameters", "MB", "macro AUROC", "pooled G-mean"], rows
    )


def _section(card):
    data, figures = card["training_data"], card["figures"]
    pooled, folds = figures["pooled"], data["folds"]
    of_classes = [["AUROC, macro", _cell(figures["macro_auroc"])]]
    of_classes += [[f"AUROC, {name}", _cell(value)] for name, value in figures["auroc"].items()]
    if "macro_auroc_with_norm" in figures:
        of_classes.append(["AUROC, macro with NORM", _cell(figures["macro_auroc_with_norm"])])
    of_classes += [
        [f"{words}, pooled", _cell(pooled[metric])]
        for metric, words in (
            ("sensitivity", "sensitivity"),
            ("specificity", "specificity"),
            ("g_mean", "G-mean"),
        )
    ]
    of_groups = [
        [f"{kind}: {name}", f"{g['records']:,}", _cell(g["macro_auroc"]), _cell(g["pooled_g_mean"])]
        for kind, groups in card["subgroups"].items()
        for name, g in groups.items()
    ]
    said = (
        f"Looks at {', '.join(card['leads'])}. Trained on {data['records']['train']:,} records, "
        f"{_folds(folds['train'])} of {data['database']} (a table of {data['database_rows']:,} "
        f"rows){_teachers(card)}; figures on {figures['partition']}, {_folds(figures['folds'])}: "
        f"{figures['records']:,} records of {figures['patients']:,} patients. Rounding to float16 "
        f"changed its macro AUROC by {card['float16']['macro_auroc']:.0e}."
    )
    return "\n\n".join(
        [
            f"### `pretrained:{card['name']}`",
            *filter(None, [card["description"]]),
            said,
            markdown_table(["on dev", "95 % interval in brackets"], of_classes),
            markdown_table(["group", "records", "macro AUROC", "pooled G-mean"], of_groups),
        ]
    )


def _teachers(card):
    """The networks whose answers softened the training labels, as the rest of a sentence."""
    teachers = card.get("teachers", [])  # cards from before there were any have none
    counts = collections.Counter(
        f"`{teacher['model']}` of {len(teacher['leads'])} leads" for teacher in teachers
    )
    listed = ", ".join(f"{count} × {name}" for name, count in counts.items())
    return f", whose labels were softened by the answers of {listed}" * bool(teachers)


def _folds(folds):
    return f"{'fold' if len(folds) == 1 else 'folds'} {', '.join(map(str, folds))}"


def _cell(number):
    """0.912 (.900–.924); – for what is undefined."""
    value, low, high = (
        math.nan if part is None else part for part in (number["value"], *number["interval"])
    )
    interval = format_interval(low, high)
    return f"{format_number(value)} ({interval})" if interval else format_number(value)
