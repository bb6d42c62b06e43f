"""Each room of the house imports what it may know, and nothing else."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "ecg_tf"
FILES = sorted(
    path for path in PACKAGE.rglob("*.py") if not path.name.endswith(("_test.py", "conftest.py"))
)


def imports(path):
    """Full names of all that a file imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(path):
    """The folder below ecg_tf/ that a file is in; "" for ecg_tf/ itself."""
    return path.relative_to(PACKAGE).parts[0] if path.parent != PACKAGE else ""


def offenders(library, rooms):
    """Files in `rooms` that import `library`, a package or module."""
    return [
        str(path.relative_to(PACKAGE))
        for path in FILES
        if room(path) in rooms
        and any(name == library or name.startswith(f"{library}.") for name in imports(path))
    ]


ROOMS = {room(path) for path in FILES}


def test_rooms_are_found():
    assert {"", "data", "layers", "evaluation"} <= ROOMS
    assert offenders("wfdb", ROOMS) == ["data/wfdb_samples.py"]


@pytest.mark.parametrize("library", ["tensorflow", "torch", "jax"])
def test_layers_and_models_know_keras_only(library):
    assert offenders(library, {"layers", "models"}) == []


@pytest.mark.parametrize("library", ["keras", "tensorflow", "ecg_tf.data.pipeline"])
def test_evaluation_knows_no_framework(library):
    assert offenders(library, {"evaluation"}) == []


@pytest.mark.parametrize("library", ["soundfile", "tensorflow_datasets", "tifffile", "pyts"])
def test_only_data_knows_files_and_pyts(library):
    assert offenders(library, ROOMS - {"data"}) == []


def test_only_data_and_evaluation_know_pandas():
    assert offenders("pandas", ROOMS - {"data", "evaluation"}) == []


@pytest.mark.parametrize("upper", ["training", "evaluation", "export", "convert", "explain"])
def test_data_layers_and_models_know_nothing_above_them(upper):
    assert offenders(f"ecg_tf.{upper}", {"data", "layers", "models"}) == []


@pytest.mark.parametrize(
    "library", ["ecg_tf.training.train", "ecg_tf.data.pipeline", "ecg_tf.evaluation", "torch"]
)
def test_explain_asks_a_finished_run_about_one_record(library):
    assert offenders(library, {"explain"}) == []


@pytest.mark.parametrize("name", ["explain", "shipping"])
def test_nothing_but_their_scripts_needs_explain_and_shipping(name):
    assert offenders(f"ecg_tf.{name}", ROOMS - {name}) == []


def test_pretrained_knows_nothing_but_errors_and_files():
    known = {name for path in FILES if room(path) == "pretrained" for name in imports(path)}
    assert {name for name in known if name.startswith("ecg_tf")} == {
        "ecg_tf.errors.InputError",
        "ecg_tf.files.read_json",
        *(f"ecg_tf.pretrained.shipped.{name}" for name in ("card", "names", "place")),
    }
    assert {name.split(".")[0] for name in known} == {"ecg_tf", "hashlib", "pathlib", "re"}


def test_importing_the_package_imports_no_framework():
    code = "import sys, ecg_tf; print(sorted({'tensorflow', 'keras', 'pyts'} & set(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
