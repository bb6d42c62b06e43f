import dataclasses
import json
from pathlib import Path

import pytest
from page_reader import Reader

from ecg_tf.evaluation.comparison import Comparison
from ecg_tf.evaluation.ensemble import ensemble
from ecg_tf.evaluation.metrics import METRICS
from ecg_tf.reports.comparison.figures import draw_pairs, draw_runs
from ecg_tf.reports.comparison.markdown import format_comparison
from ecg_tf.reports.comparison.page import make_comparison_page
from ecg_tf.reports.comparison.report import write_comparison
from ecg_tf.reports.comparison.tables import class_table, pair_table, run_table
from ecg_tf.reports.comparison.verdicts import verdicts
from ecg_tf.reports.definitions import METRIC_DEFINITIONS, ROW_DEFINITIONS
from ecg_tf.reports.formats import format_p


@pytest.fixture(scope="module")
def folder(comparison, tmp_path_factory):
    folder = tmp_path_factory.mktemp("comparisons") / "new" / "comparison"
    write_comparison(folder, comparison)
    return folder


@pytest.fixture(scope="module")
def undefined(compared_run):
    """Two runs on simulated records of no class, without patient IDs."""
    run = compared_run("a", "signal", 1)
    labels = run.evaluation.labels.copy()
    labels[:] = 0
    about = run.evaluation.about | {"simulated": True}
    changes = {"labels": labels, "about": about, "patient_ids": None}
    return Comparison([compared_run(name, "signal", 1, **changes) for name in ("a", "b|<i>")])


def test_the_folder_is_made_and_holds_four_files(folder):
    files = sorted(path.name for path in folder.iterdir())
    assert files == ["comparison.html", "comparison.json", "comparison.md", "runs.svg"]


def test_json_holds_all_numbers_unrounded(folder, comparison):
    content = json.loads((folder / "comparison.json").read_text("utf-8"))
    assert list(content["runs"]) == ["resnet", "gru", "late_fusion"]
    gru = content["runs"]["gru"]
    assert (gru["kind"], gru["parameters"], gru["training_seconds"]) == ("signal", 46569476, 5400)
    evaluation = comparison.runs[1].evaluation
    for metric in METRICS:
        value = evaluation.summary.loc["pooled", metric]
        assert gru["metrics"]["pooled"][metric] == value
        assert gru["intervals"]["pooled"][metric] == [
            end.loc["pooled", metric] for end in evaluation.intervals
        ]
    assert gru["metrics"]["MI"]["TP"] == evaluation.summary.loc["MI", "TP"]
    assert content["pairs"] == comparison.differences.to_dict("records")
    assert [answer["sentence"] for answer in content["answers"]] == [
        verdict.sentence for verdict in verdicts(comparison)
    ]
    assert [(answer["question"], answer["champion"]) for answer in content["answers"]] == [
        ("Do images beat the signal?", "gru"),
        ("Does fusion help?", "gru"),
        ("Is the best fusion better than the best single network?", "gru"),
    ]
    assert content["runs"]["late_fusion"]["branches"] == {"signal": "gru", "image": "resnet"}
    assert gru["branches"] == {}
    assert content["best_chosen_on"] == content["partition"] == "test"
    assert content["bootstrap"] == {
        "unit": "patient",
        "draws_of_intervals": 30,
        "draws_of_differences": 1000,
        "seed": 42,
    }


def test_undefined_numbers_are_null_or_a_dash(undefined, tmp_path):
    write_comparison(tmp_path, undefined)
    content = json.loads((tmp_path / "comparison.json").read_text("utf-8"))
    assert content["pairs"][0]["corrected_p"] is None
    assert content["runs"]["a"]["metrics"]["macro"]["auroc"] is None
    assert content["bootstrap"]["unit"] == "record"
    _, rows = run_table(undefined)
    assert rows[0][5] == "–"
    assert "nan" not in (tmp_path / "comparison.md").read_text("utf-8")


@pytest.mark.parametrize("fixture", ["comparison", "undefined"])
def test_page_is_self_contained_and_describes_its_figures(fixture, request):
    page = Reader(make_comparison_page(request.getfixturevalue(fixture)))
    page.check_self_contained()
    page.check_pictures_described()
    assert len(page.pictures()) == 2


def test_names_are_escaped(undefined):
    assert "b|<i>" in Reader(make_comparison_page(undefined)).text
    assert "b\\|<i>" in format_comparison(undefined)


def test_page_and_markdown_have_answers_numbers_and_definitions(folder, comparison):
    for text in (
        Reader((folder / "comparison.html").read_text("utf-8")).text,
        (folder / "comparison.md").read_text("utf-8"),
    ):
        for verdict in verdicts(comparison):
            assert verdict.question in text
            assert verdict.sentence in text
        for run in comparison.runs:
            for row, metric in (*comparison.quantities, ("pooled", "sensitivity")):
                value = run.evaluation.summary.loc[row, metric]
                low, high = (end.loc[row, metric] for end in run.evaluation.intervals)
                assert f"{value:.3f}" in text
                assert f"[{low:.3f}, {high:.3f}]" in text
        for number in comparison.differences["corrected_p"]:
            assert format_p(number) in text
        for metric in ("auroc", "g_mean", "sensitivity", "specificity"):
            assert METRIC_DEFINITIONS[metric][1] in text
        assert ROW_DEFINITIONS["pooled"] in text
        for definition in (
            "corrected for 3 pairs by Holm's method",
            "1000 bootstrap draws of patients",
            "30 bootstrap draws of patients",
            "chosen on these same test records, which favours the best of many runs",
            "every comparison in the answers is one of the 3 pairs",
            "150 records (",
        ):
            assert definition in text


def test_optimistic_figures_are_pointed_out(compared_run, about, undefined):
    on_dev = {"about": about | {"partition": "dev"}}
    runs = [compared_run(name, "signal", 1, **on_dev) for name in ("gru", "bigru")]
    text = format_comparison(Comparison(runs))
    assert "The thresholds of gru, bigru were chosen on these same dev records" in text
    assert "The kept epoch of each run was also chosen on the dev partition" in text
    assert "these figures say nothing about patients" in format_comparison(undefined)


def test_runs_and_pairs_are_sorted_by_macro_auroc(comparison):
    head, rows = run_table(comparison)
    assert head[:6] == [
        "run", "representation", "network", "parameters", "training", "macro AUROC"
    ]  # fmt: skip
    assert [row[0] for row in rows] == ["gru", "late_fusion", "resnet"]
    assert rows[2][1:5] == ["all images", "resnet", "46,569,476", "90.0 min"]
    head, rows = pair_table(comparison)
    assert head[:3] == ["first − second", "macro AUROC", "pooled G-mean"]
    assert [row[0] for row in rows] == [
        "gru − late_fusion", "gru − resnet", "late_fusion − resnet"
    ]  # fmt: skip
    assert all(not row[1].startswith("−") for row in rows)


def test_figure_shows_the_values_and_their_intervals(comparison):
    panels = draw_runs(comparison).axes
    assert [axes.get_title() for axes in panels] == [
        "macro AUROC", "pooled G-mean", "MI AUROC", "STTC AUROC", "CD AUROC", "HYP AUROC"
    ]  # fmt: skip
    for axes, quantity in zip(panels, comparison.quantities, strict=True):
        lines = axes.get_lines()
        for run, interval, point in zip(
            sorted(comparison.runs, key=lambda run: run.name), lines[::2], lines[1::2], strict=True
        ):  # gru, late_fusion, resnet: by name as by merit
            ends = [end.loc[quantity] for end in run.evaluation.intervals]
            assert list(interval.get_xdata()) == ends
            assert list(point.get_xdata()) == [run.evaluation.summary.loc[quantity]]


def test_significant_differences_are_drawn_in_bold(comparison):
    (axes,) = draw_pairs(comparison).axes
    bold = {text.get_text() for text in axes.texts if text.get_weight() == "bold"}
    difference = comparison.difference("gru", "resnet", ("macro", "auroc"))
    assert difference["corrected_p"] < 0.05
    number = f"{difference['difference']:.3f}".removeprefix("0")
    assert {f"+{number}", f"−{number}"} <= bold
    close = comparison.difference("gru", "late_fusion", ("macro", "auroc"))
    assert close["corrected_p"] >= 0.05
    assert len(axes.texts) == 6
    assert len(bold) == 4


def test_failing_halfway_leaves_no_json(comparison, tmp_path, monkeypatch):
    rename = Path.replace

    def fail_for_json(path, target):
        if Path(target).name == "comparison.json":
            raise OSError("disk full")
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", fail_for_json)
    with pytest.raises(OSError, match="disk full"):
        write_comparison(tmp_path, comparison)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["comparison.html", "comparison.md", "runs.svg"]


def test_the_same_comparison_gives_the_same_files(folder, comparison, tmp_path):
    write_comparison(tmp_path, Comparison(comparison.runs))
    for file in folder.iterdir():
        assert file.read_bytes() == (tmp_path / file.name).read_bytes()


def test_many_classes_have_a_row_each_and_pairs_are_compared_by_the_averages(
    compared_run, many_evaluation
):
    runs = [
        dataclasses.replace(compared_run(name, "signal", 1), evaluation=many_evaluation)
        for name in ("a", "b")
    ]
    comparison = Comparison(runs)
    head, rows = class_table(comparison)
    assert head == ["class", "a", "b"]
    assert [row[0] for row in rows] == list(many_evaluation.class_names)
    assert rows[69] == ["C69", "–", "–"]
    assert pair_table(comparison)[0] == ["first − second", "macro AUROC", "pooled G-mean"]
    assert len(draw_runs(comparison).axes) == 2
    text = Reader(make_comparison_page(comparison)).text
    assert "No positives, left out of macro: C69." in text
    assert "The differences of each of the 71 classes: comparison.json, under pairs." in text


def test_the_name_of_an_ensemble_may_be_broken_after_a_plus(comparison):
    runs = [*comparison.runs, ensemble("gru+resnet", comparison.runs)]
    page = make_comparison_page(Comparison(runs))
    assert '<th scope="row">gru+<wbr>resnet</th>' in page
    assert '<th scope="row">gru −<br>gru+<wbr>resnet</th>' in page
