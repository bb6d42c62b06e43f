import dataclasses
import json
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from ecg_tf.evaluation.evaluation import Evaluation
from ecg_tf.input_spec import InputSpec
from ecg_tf.reports.plain_json import plain_json
from ecg_tf.runs.run_metadata import RunMetadata
from ecg_tf.shipping.card import make_card
from ecg_tf.shipping.model_card import tables
from ecg_tf.shipping.ship import compare


def test_71_classes_of_a_table_have_a_table_of_their_own(many_evaluation):
    """The AUROC of the last two classes is undefined, and the data set has no folds."""
    names = many_evaluation.class_names
    about = many_evaluation.about | {"partition": "dev", "folds": []}
    evaluation = dataclasses.replace(many_evaluation, about=about, patient_ids=np.arange(200))
    metadata = RunMetadata(
        model="gru",
        input_spec=InputSpec("signal", ("I",)),
        class_names=names,
        simulated=False,
        parameters=1,
        records={"train": 400, "dev": 200},
        ecg_sha256={},
    )
    folds = {"train": [], "dev": [], "test": []}
    manifest = {"data_set": "clinic", "rows": {"database": 600}, "folds": folds}
    records = SimpleNamespace(sex=np.zeros(200), age=np.full(200, 50))
    change = compare(evaluation, evaluation)
    assert np.isnan(change["auroc"]["C69"])
    assert change["macro_auroc"] == 0
    card = make_card("a", "", metadata, manifest, evaluation, records, change, np.zeros(71), {})
    assert card["licence"] == "Weights derived from clinic."
    text = tables([json.loads(plain_json(card))])
    assert "400 records of clinic (600 rows). Figures: dev partition, 200 records of" in text
    _, of_all, of_classes, _of_groups = text.split("\n\n| ")
    rows = [
        [cell.strip(" |") for cell in line.split(" | ")] for line in of_classes.splitlines()[2:]
    ]
    assert [row[0] for row in rows] == [f"AUROC, {name}" for name in names]
    assert rows[0][1].startswith(f"{evaluation.summary.loc['C0', 'auroc']:.3f} (")
    assert [row[1] for row in rows[-2:]] == ["–", "–"]
    assert "AUROC, macro " in of_all
    assert not any(f"AUROC, {name} " in of_all for name in names)


def test_norm_class_has_an_auroc_and_counts_in_no_mean():
    names = ("MI", "STTC", "CD", "HYP", "NORM")
    rng = np.random.default_rng(0)
    labels = rng.random((200, 5)) < 0.3
    labels[:, 4] = ~labels[:, :4].any(axis=1)
    probabilities = 0.2 * labels + 0.8 * rng.random((200, 5))
    partition = {"partition": "dev", "folds": [9], "records": 200}
    evaluation = Evaluation(
        partition, names, labels, probabilities, np.full(5, 0.5), None, np.arange(200), draws=9
    )
    metadata = RunMetadata(
        model="gru",
        input_spec=InputSpec("signal", ("I",)),
        class_names=tuple(names),
        simulated=False,
        parameters=1,
        records={"train": 2, "dev": 200},
        ecg_sha256={},
    )
    manifest = {"rows": {"database": 300}, "folds": {"train": [1], "dev": [9], "test": [10]}}
    records = SimpleNamespace(sex=np.zeros(200), age=np.full(200, 50))
    card = make_card(
        "a", "", metadata, manifest, evaluation, records, {"macro_auroc": 0.0}, np.zeros(5), {}
    )
    figures = card["figures"]
    aurocs = roc_auc_score(labels, probabilities, average=None)
    assert [figures["auroc"][name]["value"] for name in names] == pytest.approx(aurocs)
    assert figures["macro_auroc"]["value"] == pytest.approx(aurocs[:4].mean())
    assert figures["macro_auroc_with_norm"]["value"] == pytest.approx(aurocs.mean())
    assert card["subgroups"]["age"]["40-59"]["macro_auroc"] == figures["macro_auroc"]
    true = (probabilities[:, :4] >= 0.5)[labels[:, :4]]
    assert figures["pooled"]["sensitivity"]["value"] == pytest.approx(true.mean())
    assert f"| AUROC, macro with NORM | {aurocs.mean():.3f}" in " ".join(tables([card]).split())
