"""README and docs: links, anchors, code blocks, generated tables and figures."""

import re
from pathlib import Path

import pytest
from pages import PAGES, ROOT, anchors, blocks, inline_code, links, prose

from ecg_tf.commands.command_line import COMMANDS, MAINTAINERS_COMMANDS
from ecg_tf.pretrained import card, names

LANGUAGES = {"sh", "python", "text", "json", "yaml"}
SITE = re.search(r"{(README.*?)}", (ROOT / "bin/docs").read_text("utf-8"))[1].split(",")


def test_readme_has_at_most_130_lines():
    assert len(PAGES["README.md"].splitlines()) <= 130


def test_index_lists_every_page():
    linked = {f"docs/{target}" for target in links("docs/index.md")}
    assert {page for page in PAGES if page.startswith("docs/")} <= linked | {"docs/index.md"}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for target in links(page):
        if "://" in target:
            assert re.fullmatch(r"https://[\w.-]+\.[a-z]+(/[\w.~/%#+-]*)?", target), target
            continue
        file, _, anchor = target.partition("#")
        path = (ROOT / page).parent / file if file else ROOT / page
        assert path.is_file(), f"{page}: no such file (a folder has no page): {target}"
        linked = path.resolve().relative_to(ROOT).as_posix()
        assert linked.split("/")[0] in SITE, f"{page}: not among the pages of bin/docs: {target}"
        if anchor:
            assert anchor in anchors(linked), f"{page}: no such heading: {target}"


@pytest.mark.parametrize("page", PAGES)
def test_paths_in_backticks_exist(page):
    for code in inline_code(page):
        if re.fullmatch(r"(ecg_tf|tests|configs|benchmarks)/[\w/.]*", code) and "NAME" not in code:
            assert (ROOT / code).exists(), f"{page}: no such file: {code}"


@pytest.mark.parametrize("page", PAGES)
def test_blocks_state_their_language(page):
    """Only sh and python blocks are run, so nothing that runs may be in another one."""
    for block in blocks(page):
        assert block.language in LANGUAGES, f"{page}: a block without a language:\n{block.code}"
        if block.language in {"text", "json"}:
            assert not re.search(r"^(ecg_tf|python|pip|import|bin/)\b", block.code, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_commands_in_the_text_exist(page):
    for code in re.findall(r"`ecg_tf (\w+)", prose(page)):
        assert code in {*COMMANDS, *MAINTAINERS_COMMANDS, "NAME"}, f"{page}: ecg_tf {code}"


def test_readmes_results_are_those_of_the_cards():
    rows = re.findall(
        r"^\| `pretrained:(\w+)` \|.*?\| (\.\d+) \((\.\d+)–(\.\d+)\) \| (\.\d+) "
        r"\((\.\d+)–(\.\d+)\) \| (.+) \| (.+) \|$",
        PAGES["README.md"],
        re.MULTILINE,
    )
    assert {row[0] for row in rows} == set(names())
    for name, *numbers, auroc_on_test, g_mean_on_test in rows:
        assert [auroc_on_test, g_mean_on_test] == on_test(name)
        figures = card(name)["figures"]
        shown = [figures["macro_auroc"], figures["pooled"]["g_mean"]]
        expected = [n for figure in shown for n in (figure["value"], *figure["interval"])]
        assert numbers == [f"{number:.3f}".lstrip("0") for number in expected]


def on_test(name):
    """Macro AUROC and pooled G-mean of a shipped network on test, as the pages show them."""
    figures = card(name).get("test_figures")
    if not figures:
        return ["pending", "pending"]
    shown = []
    for key, digits in (("macro_auroc", 4), ("pooled_g_mean", 3)):
        low, high = (f"{end:.3f}".lstrip("0") for end in figures[key]["interval"])
        shown.append(f"{figures[key]['value']:.{digits}f} ({low}–{high})".lstrip("0"))
    return shown


def test_results_on_test_are_those_of_the_cards():
    page = PAGES["docs/results.md"]
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if "../configs/" in line]
    shipped = {
        re.search(r"(\w+)\.cfg", row[-1])[1]: row[5:7]
        for row in rows
        if row[-1].endswith("shipped")
    }
    assert shipped == {name: on_test(name) for name in names()}
    others = [row[5:7] for row in rows if len(row) == 9 and not row[-1].endswith("shipped")]
    assert others
    assert all(row == ["pending", "pending"] for row in others)
    for figures in filter(None, (card(name).get("test_figures") for name in names())):
        values = list(figures["auroc"].values())
        assert " | ".join(f"{value:.4f}".lstrip("0") for value in values) in page
        assert figures["macro_auroc"]["value"] == pytest.approx(sum(values[:4]) / 4, abs=6e-5)


def test_readmes_counts_are_those_of_the_card():
    """The counts of the four classes give the card's pooled sensitivity and specificity."""
    text = PAGES["README.md"]
    rows = re.findall(r"^\| \w+ +\| +(\d+) \| +(\d+) \| +(\d+) \| +(\d+) \|$", text, re.MULTILINE)
    counts = [[int(number) for number in row] for row in rows]
    figures = card("gru")["figures"]
    assert len(counts) == 5
    assert all(sum(row) == figures["records"] for row in counts)
    tp, fn, fp, tn = (sum(row[k] for row in counts[:4]) for k in range(4))
    assert tp / (tp + fn) == pytest.approx(figures["pooled"]["sensitivity"]["value"], abs=1e-9)
    assert tn / (tn + fp) == pytest.approx(figures["pooled"]["specificity"]["value"], abs=1e-9)


def test_table_of_settings_is_that_of_the_settings():
    from ecg_tf.training.settings import settings_markdown

    begin = "<!-- settings: ecg_tf.training.settings.settings_markdown() -->"
    shown = PAGES["docs/training.md"].partition(begin)[2].partition("<!-- end of settings -->")[0]
    assert shown.strip() == settings_markdown().strip(), "paste the text of settings_markdown()"


def test_every_network_is_in_the_table_of_networks():
    from ecg_tf.models.registry import MODELS

    listed = re.findall(r"^\| `(\w+)` \| \w+ \|", PAGES["docs/networks.md"], re.MULTILINE)
    assert sorted(listed) == sorted(MODELS)


def test_every_shipped_recipe_is_linked_from_the_results():
    linked = {Path(target).name for target in links("docs/results.md")}
    assert {f"{name}.cfg" for name in names()} <= linked
