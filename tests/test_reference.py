"""The public face is what the API reference (docs/reference) names; its examples run."""

import doctest
import fnmatch
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NAMES = [
    name
    for page in sorted((ROOT / "docs/reference").glob("*.md"))
    for name in re.findall(r"^::: (\S+)$", page.read_text("utf-8"), re.MULTILINE)
]
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted((ROOT / "ecg_tf").rglob("*.py"))
    if re.search(r"^ *>>> ", path.read_text("utf-8"), re.MULTILINE)
]


@pytest.mark.parametrize("name", NAMES)
def test_the_public_face_has_examples(name):
    assert "\nExamples:\n" in inspect.getdoc(pkgutil.resolve_name(name))


@pytest.mark.parametrize("module", MODULES)
def test_examples_run(module, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    found = doctest.testmod(importlib.import_module(module), optionflags=flags)
    assert found.attempted > 0
    assert found.failed == 0


def test_ruff_requires_type_hints_of_the_public_face():
    sources = {inspect.getsourcefile(pkgutil.resolve_name(name)) for name in NAMES}
    files = {Path(source).relative_to(ROOT).as_posix() for source in sources}
    required = re.search(r'"!\{(.*)\}" = \["ANN"', (ROOT / "pyproject.toml").read_text("utf-8"))
    patterns = required[1].split(",")
    assert not {file for file in files if not any(fnmatch.fnmatch(file, p) for p in patterns)}
