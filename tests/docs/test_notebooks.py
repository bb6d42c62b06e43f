"""The notebooks of examples/ run from top to bottom, and what they show is what a run shows.

Cells with the tag "varies" show figures of a training, times or rounding errors, which differ
between machines: of these, only the kinds of outputs are compared.
"""

import re

import notebooks
import pytest
from on_terminal import lines_and_progress
from pages import ROOT, anchors

_NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:\.\d+)?(?![\w.])")
_TOLERANCE = 0.015  # of numbers, which have two or three digits


@pytest.fixture(params=notebooks.NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return notebooks.read(request.param)


def test_there_are_four():
    names = {path.stem for path in notebooks.NOTEBOOKS}
    assert names == {"predict", "images", "train", "compare"}


def test_kept_outputs_are_those_of_a_run(notebook, tmp_path):
    """Runs the notebook, so it also fails where a cell raises an error."""
    found = notebooks.run(notebook, tmp_path)
    for shown, now in zip(*map(notebooks.code_cells, (notebook, found)), strict=True):
        lines, _ = lines_and_progress(notebooks.errors(now))
        assert all(line.startswith("epoch ") for line in lines), f"{now.source}\n{lines}"
        assert kinds(now) == kinds(shown), now.source
        if "varies" not in shown.metadata.get("tags", ()):
            assert_same(notebooks.text(now), notebooks.text(shown))


def kinds(cell):
    """The sets of media types of a cell's outputs, without what standard error shows."""
    return [
        set(output.get("data", {"text/plain": ""}))
        for output in cell.outputs
        if output.get("name") != "stderr"
    ]


def assert_same(found, expected):
    """Assert that two texts differ by spaces and by little in numbers only."""
    assert _NUMBER.sub("#", found).split() == _NUMBER.sub("#", expected).split()
    numbers = [
        [float(number.replace("−", "-")) for number in _NUMBER.findall(text)]
        for text in (found, expected)
    ]
    assert numbers[0] == pytest.approx(numbers[1], abs=_TOLERANCE), f"{found}\n\n{expected}"


def test_every_cell_was_run_in_order_and_without_an_error(notebook):
    cells = notebooks.code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        assert all(output.output_type != "error" for output in cell.outputs)
        lines, progress = lines_and_progress(notebooks.errors(cell))
        assert all(line.startswith("epoch ") for line in lines)
        assert not progress


def test_nothing_of_the_machine_is_kept(notebook):
    assert notebook.metadata == notebooks.METADATA
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags"}
        shown = cell.source
        if cell.cell_type == "code":
            shown += notebooks.text(cell) + notebooks.errors(cell)
            shown += "".join(output.get("data", {}).get("text/html", "") for output in cell.outputs)
        assert not re.search(r"(?<![\w.)])/(tmp|home|root|work|Users|var|private)\b", shown)


def test_pictures_are_few_and_small():
    for path in notebooks.NOTEBOOKS:
        assert path.stat().st_size < 400_000


def test_links_lead_somewhere(notebook):
    text = "".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    assert links
    for target in links:
        if "://" not in target:
            file, _, anchor = target.partition("#")
            path = (notebooks.FOLDER / file).resolve()
            assert path.is_file(), target
            assert not anchor or anchor in anchors(path.relative_to(ROOT).as_posix()), target


def test_each_says_what_its_ecgs_are_and_are_not_for(notebook):
    first = notebook.cells[0].source
    assert "simulated" in first
    assert "For research, not for diagnosis" in first
