"""README.md of a published network: a model card with the metadata of the Hugging Face Hub."""

import json
import math
import statistics

from ecg_tf.reports.formats import UNDEFINED, markdown_table
from ecg_tf.runs.shared_classes import trained_on
from ecg_tf.shipping.model_card import section

_TASK = {"type": "other", "name": "ECG classification"}


def hub_card(name, run, card, licence):
    """Return the text of README.md.

    The metadata are a YAML block at its beginning; each value is written as JSON, which YAML
    contains.

    Args:
        name: title of the card.
        run: the finished `RunFolder`.
        card: the card of a shipped network, `ecg_tf.shipping.card.make_card`; None for other runs,
            whose figures are those of history.csv.
        licence: {key of the metadata: value} of the licence of the weights.
    """
    metadata = run.metadata
    data_set = trained_on(metadata) or "unknown"
    figures = _figures_of_card(card) if card else _figures_of_history(run)
    block = {
        **licence,
        "library_name": "ecg_tf",
        "pipeline_tag": "other",
        "tags": ["ecg", "keras", metadata.model, metadata.input_spec.kind]
        + ["simulated"] * metadata.simulated,
        "datasets": [data_set],
    }
    if figures:
        results = _results(data_set, figures)
        block |= {"metrics": ["roc_auc"], "model-index": [{"name": name, "results": results}]}
    front = "".join(
        f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in block.items()
    )
    return f"---\n{front}---\n\n{_text(name, metadata, data_set, card, figures)}\n"


def _text(name, metadata, data_set, card, figures):
    spec = metadata.input_spec
    classes = ", ".join(metadata.class_names)
    parameters = f" of {metadata.parameters:,} parameters" if metadata.parameters else ""
    records = f", {metadata.records['train']:,} records" if metadata.records else ""
    simulated = " They are simulated: the figures say nothing about patients." * metadata.simulated
    table = markdown_table(
        ["AUROC", *figures],
        [
            [row, *(_cell(part.get(row)) for part in figures.values())]
            for row in next(iter(figures.values()), {})
        ],
    )
    measured = f"{table}\n\nThe weights are rounded to float16 after these were measured."
    return f"""# {name}

A network{parameters} (`{metadata.model}`) that classifies ECGs with
[Keras](https://keras.io), a run folder of ecg_tf. **For research, not for diagnosis.**

- Input: {", ".join(spec.leads)}; {spec.samples} samples at {spec.sampling_rate} Hz, millivolt.
- Classes: {classes}; the thresholds are in `thresholds.json`.
- Training data: {data_set}{records}.{simulated}

```python
import ecg_tf

model = ecg_tf.load("hf://OWNER/NAME")  # of this repository
prediction = model(ecg_mv)  # (batch, {spec.samples}, 12) millivolt
```

## Performance

{section(card) if card else measured if figures else "The run has no figures."}
"""


def _cell(value):
    return UNDEFINED if value is None else f"{value:.4f}"


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
    return [
        {
            "task": _TASK,
            "dataset": {"type": data_set, "name": data_set, "split": partition},
            "metrics": [
                {"type": "roc_auc", "name": f"AUROC, {row}", "value": value}
                for row, value in part.items()
                if value is not None
            ],
        }
        for partition, part in figures.items()
    ]
