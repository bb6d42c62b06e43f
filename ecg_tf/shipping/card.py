"""The card of a shipped network: description, training data and performance."""

import numpy as np

from ecg_tf.evaluation.subgroups import subgroups
from ecg_tf.evaluation.summary import MACRO, POOLED

LICENCE = (
    "Weights derived from PTB-XL (P. Wagner et al., Scientific Data 7, 154 (2020), "
    "doi 10.1038/s41597-020-0495-6), which is under CC BY 4.0: name it as the source."
)
_POOLED = ("sensitivity", "specificity", "g_mean")


def make_card(
    name, description, metadata, manifest, evaluation, records, float16, probabilities, files
):
    """Collect the content of card.json.

    For a network of the four diseases and NORM, all figures except the AUROC of each class are
    computed over the four diseases only, so that networks with and without a NORM class can be
    compared; "macro_auroc_with_norm" is the mean over all classes. A figure with its interval is
    {"value": number, "interval": [lower, upper]}, a 95 % interval from a bootstrap over patients.

    The card of a network that was scored on the test fold later has "test_figures" as well, entered
    by hand: the commit that was scored ("git_revision"), and figures as those on dev, rounded. A
    network that is shipped anew has none.

    Args:
        name: name of the shipped network.
        description: one or two sentences.
        metadata: `ecg_tf.runs.run_metadata.RunMetadata` of the run.
        manifest: manifest of the prepared records that the run was trained on.
        evaluation: the `Evaluation` of the shipped network on their dev partition.
        records: the `Records` of that partition.
        float16: changes by rounding the weights, as `ecg_tf.shipping.ship.compare` returns them.
        probabilities: (class,) probabilities for `ecg_tf.shipping.check_ecg`.
        files: {name: {"sha256": hexadecimal text, "bytes": number}}.

    Returns:
        A dictionary for `ecg_tf.reports.plain_json`.
    """
    diseases = evaluation.diseases or evaluation
    database = manifest.get("data_set", "PTB-XL")
    groups = subgroups(diseases, records.sex, records.age)
    figures = {
        "partition": evaluation.about["partition"],
        "folds": evaluation.about["folds"],
        "records": evaluation.about["records"],
        "patients": evaluation.patients,
        "bootstrap_draws": evaluation.draws,
        "thresholds": dict(zip(evaluation.class_names, evaluation.thresholds, strict=True)),
        "macro_auroc": _with_interval(diseases, MACRO, "auroc"),
        "auroc": {
            label: _with_interval(evaluation, label, "auroc") for label in evaluation.class_names
        },
        "pooled": {metric: _with_interval(diseases, POOLED, metric) for metric in _POOLED},
    }
    if diseases is not evaluation:
        figures["macro_auroc_with_norm"] = _with_interval(evaluation, MACRO, "auroc")
    return {
        "name": name,
        "description": description,
        "network": metadata.model,
        "parameters": metadata.parameters,
        "leads": list(metadata.input_spec.leads),
        "classes": list(metadata.class_names),
        "training_data": {
            "database": database,
            "database_rows": manifest["rows"]["database"],
            "folds": {part: manifest["folds"][part] for part in metadata.records},
            "records": metadata.records,
            "ecg_sha256": metadata.ecg_sha256,
        },
        "teachers": metadata.teachers or [],
        "licence": LICENCE if database == "PTB-XL" else f"Weights derived from {database}.",
        "figures": figures,
        "subgroups": {
            kind: {group: _of_group(part) for group, part in parts.items()}
            for kind, parts in groups.items()
        },
        "float16": float16,
        "check_probabilities": np.asarray(probabilities),
        "files": files,
    }


def _of_group(evaluation):
    return {
        "records": len(evaluation.labels),
        "macro_auroc": _with_interval(evaluation, MACRO, "auroc"),
        "pooled_g_mean": _with_interval(evaluation, POOLED, "g_mean"),
    }


def _with_interval(evaluation, row, metric):
    value, *interval = evaluation.measured(row, metric)
    return {"value": value, "interval": interval}
