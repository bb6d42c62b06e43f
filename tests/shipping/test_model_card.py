import shutil
import sys
from pathlib import Path

import pytest
from on_terminal import run_in_pipes

from ecg_tf.errors import InputError
from ecg_tf.pretrained import card, names
from ecg_tf.shipping.model_card import BEGIN, END, tables, write_tables

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs/model_card.md"


def figure(value, low, high):
    return {"value": value, "interval": [low, high]}


CARD = {
    "name": "small",
    "description": "A small one.",
    "network": "gru",
    "parameters": 249732,
    "leads": ["I", "V2"],
    "training_data": {
        "database": "PTB-XL",
        "database_rows": 21799,
        "folds": {"train": [1, 2], "dev": [9]},
        "records": {"train": 4000, "dev": 2146},
    },
    "figures": {
        "partition": "dev",
        "folds": [9],
        "records": 2146,
        "patients": 1900,
        "macro_auroc": figure(0.8912, 0.88, 0.9),
        "auroc": {"MI": figure(0.9, 0.89, 0.91)},
        "pooled": {
            "sensitivity": figure(0.8, 0.79, 0.81),
            "specificity": figure(0.7, 0.69, 0.71),
            "g_mean": figure(0.7483, 0.74, 0.75),
        },
    },
    "teachers": [
        {"model": "resnet1d", "leads": ["I", "II", "III"]},
        {"model": "gru", "leads": ["I", "V1"]},
        {"model": "resnet1d", "leads": ["V1", "V2", "V3"]},
    ],
    "subgroups": {
        "sex": {
            "male": {
                "records": 1133,
                "macro_auroc": figure(0.88, 0.87, 0.89),
                "pooled_g_mean": figure(0.75, 0.74, 0.76),
            }
        },
        "age": {
            "unknown": {
                "records": 1,
                "macro_auroc": figure(None, None, None),
                "pooled_g_mean": figure(1.0, 1.0, 1.0),
            }
        },
    },
    "float16": {"macro_auroc": -1.2e-5},
    "files": {"model.keras": {"bytes": 400_000}, "about.json": {"bytes": 100_000}},
}


def test_tables_hold_the_figures_of_the_cards():
    text = tables([CARD])
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()]
    summary = "`pretrained:small` `gru` 2 249,732 0.5 0.891 (.880–.900) 0.748 (.740–.750)"
    summary += " pending pending"
    assert " ".join(rows[2]) == summary
    for row in (
        ["AUROC, MI", "0.900 (.890–.910)", "pending"],
        ["specificity, pooled", "0.700 (.690–.710)", ""],
        ["sex: male", "1,133", "0.880 (.870–.890)", "0.750 (.740–.760)"],
        ["age: unknown", "1", "–", "1.000 (1.000–1.000)"],
    ):
        assert row in rows
    assert (
        "4,000 records, folds 1, 2 of PTB-XL (21,799 rows), with labels softened by the "
        "predictions of 2 × `resnet1d` of 3 leads, 1 × `gru` of 2 leads. Figures: dev partition"
    ) in text
    assert "Figures: dev partition, fold 9, 2,146 records of 1,900 patients" in text
    assert "macro AUROC by -1e-05" in text


def test_figures_on_test_stand_beside_those_on_dev():
    on_test = {
        "macro_auroc": figure(0.87654, 0.87, 0.88),
        "auroc": {"MI": 0.8899},
        "pooled_g_mean": figure(0.75, 0.74, 0.76),
    }
    text = tables([{**CARD, "test_figures": on_test}])
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()]
    assert rows[2][-2:] == ["0.8765 (.870–.880)", "0.750 (.740–.760)"]
    assert ["AUROC, macro", "0.891 (.880–.900)", "0.8765 (.870–.880)"] in rows
    assert ["AUROC, MI", "0.900 (.890–.910)", "0.8899"] in rows
    assert ["G-mean, pooled", "0.748 (.740–.750)", "0.750 (.740–.760)"] in rows


def test_only_the_text_between_the_markers_is_replaced(tmp_path):
    file = tmp_path / "card.md"
    file.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write_tables(file, [CARD])
    write_tables(file, [])
    assert file.read_text() == f"before\n{BEGIN}\n\nNo network is shipped yet.\n\n{END}\nafter\n"
    file.write_text(f"{END}{BEGIN}")
    with pytest.raises(InputError, match=r"card.md: expected the lines"):
        write_tables(file, [])
    with pytest.raises(InputError, match="no such file"):
        write_tables(tmp_path / "none.md", [])


def test_document_has_the_tables_of_the_shipped_networks():
    between = DOCUMENT.read_text("utf-8").split(BEGIN)[1].split(END)[0]
    assert between.strip() == tables([card(name) for name in names()]), "run bin/model_card.py"


def test_the_command_updates_the_document_of_its_checkout(tmp_path):
    no_networks = shutil.ignore_patterns("*.keras", "*.npz", "__pycache__")
    for folder in ("ecg_tf", "bin"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=no_networks)
    document = tmp_path / "docs/model_card.md"
    document.parent.mkdir()
    document.write_text(f"{BEGIN}\nold\n{END}\n")
    done = run_in_pipes(sys.executable, tmp_path / "bin/model_card.py")
    assert (done.stdout, done.stderr) == (f"written: {document}\n", "")
    assert document.read_text("utf-8").split() == [
        *BEGIN.split(),
        *tables([card(name) for name in names()]).split(),
        *END.split(),
    ]
