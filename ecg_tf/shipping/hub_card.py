"""README.md of a published network: a model card with the metadata of the Hugging Face Hub."""

import json
import math
import re
import statistics
import textwrap

from ecg_tf.reports.formats import UNDEFINED, markdown_table
from ecg_tf.runs.shared_classes import trained_on
from ecg_tf.shipping.model_card import about, figure_tables

_WIDTH = 100  # characters of a line
_TASK = {"type": "other", "name": "ECG classification"}
_USE = """\
```python
import ecg_tf

model = ecg_tf.load("hf://OWNER/NAME")  # the name of this repository
prediction = model(ecg_mv)  # (batch, {samples}, 12): millivolt, {rate} Hz
prediction["probabilities"], prediction["decisions"]  # (batch, class), see model.class_names
```"""


def hub_card(name, run, card, licence):
    """Return the text of README.md.

    The metadata that the Hub reads are a YAML block at its beginning. They name no library that the
    Hub knows, since Keras alone cannot load the network.

    Args:
        name: title of the card.
        run: the finished `RunFolder`.
        card: the card of a shipped network, `ecg_tf.shipping.card.make_card`; None for other runs,
            whose figures are those of history.csv.
        licence: {key of the metadata: value} of the licence of the weights.
    """
    metadata = run.metadata
    data_set = trained_on(metadata)
    figures = _figures_of_card(card) if card else _figures_of_history(run)
    block = {
        **licence,
        "library_name": "ecg_tf",
        "tags": ["ecg", "keras", metadata.model, metadata.input_spec.kind]
        + ["simulated"] * metadata.simulated,
    }
    if figures:
        results = _results(data_set or "unknown", figures)
        block |= {"metrics": ["roc_auc"], "model-index": [{"name": name, "results": results}]}
    front = "\n".join(["---", *_yaml(block), "---"])
    parts = [front, f"# {name}", *_text(metadata, data_set, card), "## Performance"]
    return "\n\n".join([*parts, *_performance(card, figures)]) + "\n"


def _text(metadata, data_set, card):
    """Yield the paragraphs before the figures."""
    spec = metadata.input_spec
    classes = ", ".join(f"`{name}`" for name in metadata.class_names)
    parameters = f" with {metadata.parameters:,} parameters" if metadata.parameters else ""
    if card and card["description"]:
        yield _wrapped(card["description"])
    members = " and ".join(f"`{member.model}`" for member in metadata.members or ())
    mean = f"Its logits are the means of those of {members}. " if members else ""
    yield _wrapped(
        f"The network `{metadata.model}`{parameters} classifies ECGs. {mean}It was trained with "
        "ecg_tf and Keras. **For research, not for diagnosis.**"
    )
    yield "\n".join(
        [
            _item(f"Leads: {', '.join(spec.leads)}."),
            _item(f"Length: {spec.samples} samples at {spec.sampling_rate} Hz."),
            _item(f"Classes: {classes}."),
            _item("Thresholds: in `thresholds.json`."),
        ]
    )
    yield "## Use"
    yield "Install ecg_tf and huggingface_hub. Then:"
    yield _USE.format(samples=spec.samples, rate=spec.sampling_rate)
    yield "## Data"
    if card:
        yield _wrapped(about(card))
        return
    count = (metadata.records or {}).get("train")
    records = f", {count:,} records" if count else ""
    simulated = " The ECGs are simulated: the figures say nothing about patients."
    yield _wrapped(f"{data_set or 'Unknown'}{records}." + simulated * metadata.simulated)


def _performance(card, figures):
    """Yield the paragraphs with the figures."""
    if card:
        yield figure_tables(card)
    elif figures:
        part = figures["dev"]
        rows = [[row, UNDEFINED if v is None else f"{v:.4f}"] for row, v in part.items()]
        yield markdown_table(["AUROC", "dev"], rows)
        yield _wrapped("These were measured before the weights were rounded to float16.")
    else:
        yield "No figures are on record."


def _wrapped(text, **indents):
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False, **indents)


def _item(text):
    return _wrapped(text, initial_indent="- ", subsequent_indent="  ")


def _figures_of_card(card):
    """{partition: {row: AUROC}} of a shipped network."""
    parts = {"dev": card["figures"]}
    if "test_figures" in card:
        parts["test"] = card["test_figures"]
    return {
        name: {"macro": part["macro_auroc"]["value"]}
        | {
            label: value["value"] if isinstance(value, dict) else value
            for label, value in part["auroc"].items()
        }
        for name, part in parts.items()
    }


def _figures_of_history(run):
    """{"dev": {row: AUROC}} of the epoch that the weights are of; empty without history.csv."""
    if not run.has_history:
        return {}
    history = run.history()
    kept = history["val_loss"].index(min(history["val_loss"]))
    aurocs = {name: history[f"val_auroc_{name}"][kept] for name in run.metadata.class_names}
    defined = {name: value for name, value in aurocs.items() if not math.isnan(value)}
    macro = {"macro": statistics.fmean(defined.values())} if defined else {}
    return {"dev": macro | defined} if defined else {}


def _results(data_set, figures):
    """The results of the model index: one for each partition."""
    identifier = re.sub(r"\W+", "-", data_set).strip("-").lower()
    return [
        {
            "task": _TASK,
            "dataset": {"type": identifier, "name": data_set, "split": partition},
            "metrics": [
                {"type": "roc_auc", "name": f"AUROC, {row}", "value": round(value, 4)}
                for row, value in part.items()
                if value is not None
            ],
        }
        for partition, part in figures.items()
    ]


def _yaml(value):
    """Yield the lines of a dictionary or a list as YAML; other values are written as JSON."""
    entries = value.items() if isinstance(value, dict) else (("-", one) for one in value)
    for key, one in entries:
        head = key if key == "-" else f"{key}:"
        if not isinstance(one, dict | list):
            yield f"{head} {json.dumps(one, ensure_ascii=False)}"
        elif key == "-":
            first, *rest = _yaml(one)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
        else:
            yield head
            yield from (f"  {line}" for line in _yaml(one))
