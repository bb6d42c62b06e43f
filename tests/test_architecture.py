"""Imports run down one ordered list of folders, and libraries stay where they belong."""

import ast
import functools
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "ecg_tf"

# From the bottom up. A file imports from its own folder and from lower lines only. "." is ecg_tf/
# itself, without __init__.py and __main__.py, the faces of the package, which may import all.
LAYERS = [
    {"."},
    {"kernels", "pretrained", "evaluation"},
    {"plots", "layers"},
    {"data", "models", "reports"},
    {"describe", "runs"},
    {"tracking"},
    {"training", "convert", "export", "explain"},
    {"predict", "study", "shipping"},
    {"demo"},
    {"commands"},
]
LEVEL = {folder: level for level, folders in enumerate(LAYERS) for folder in folders}

FILES = {
    ".".join(("ecg_tf", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(
        ".__init__"
    ): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if not path.name.endswith("_test.py")
}


@functools.cache
def imported_names(path):
    """Full names of all that a file imports, at its top or inside a function."""
    names = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def folder(module):
    """The folder below ecg_tf/ that a module is in; "." for ecg_tf/ itself."""
    parts = FILES[module].relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else "."


def module_of(name):
    """The module of ecg_tf that an imported name is, or is of; None for other packages."""
    while name and name not in FILES:
        name = name.rpartition(".")[0]
    return name or None


IMPORTS = {
    module: {module_of(name) for name in imported_names(path)} - {None, module}
    for module, path in FILES.items()
}


def importers(library):
    """The folders with a file that imports `library`, a package."""
    return {
        folder(module)
        for module, path in FILES.items()
        if any(f"{name}.".startswith(f"{library}.") for name in imported_names(path))
    }


def test_every_folder_has_its_place():
    assert {folder(module) for module in FILES} == set(LEVEL)


def test_imports_run_down():
    upward = [
        f"{module} imports {imported}"
        for module, all_imported in IMPORTS.items()
        for imported in all_imported
        if module not in ("ecg_tf", "ecg_tf.__main__")
        and folder(module) != folder(imported)
        and LEVEL[folder(imported)] >= LEVEL[folder(module)]
    ]
    assert upward == []


def test_modules_import_in_no_circle():
    graphlib.TopologicalSorter(IMPORTS).prepare()  # raises CycleError


@pytest.mark.parametrize(
    ("library", "folders"),
    [
        ("absl.flags", {"commands"}),
        ("wfdb", {"data"}),
        ("pyts", {"data"}),
        ("soundfile", {"data"}),
        ("tifffile", {"data"}),
        ("tensorflow_datasets", {"data"}),
        ("pandas", {"data", "reports", "evaluation"}),
        ("torch", {"convert"}),
        ("gradio", {"demo"}),
        ("tensorboard", {"training"}),
        ("matplotlib", {"plots", "reports", "describe", "explain", "predict", "training"}),
    ],
)
def test_libraries_stay_in_their_folders(library, folders):
    assert importers(library) <= folders


@pytest.mark.parametrize("library", ["tensorflow", "torch", "jax"])
def test_layers_and_models_import_keras_only(library):
    assert importers(library).isdisjoint({"layers", "models"})


@pytest.mark.parametrize("library", ["keras", "tensorflow"])
def test_numbers_and_reports_import_no_framework(library):
    assert importers(library).isdisjoint({"evaluation", "reports", "plots", "pretrained", "."})


def test_evaluation_imports_nothing_but_errors():
    imported = set().union(
        *(IMPORTS[module] for module in IMPORTS if folder(module) == "evaluation")
    )
    assert {module for module in imported if folder(module) != "evaluation"} == {"ecg_tf.errors"}


def test_pretrained_imports_errors_extras_and_files_only():
    imported = set().union(
        *(IMPORTS[module] for module in IMPORTS if folder(module) == "pretrained")
    )
    assert {module for module in imported if folder(module) != "pretrained"} == {
        "ecg_tf.errors",
        "ecg_tf.extras",
        "ecg_tf.files",
    }


def test_importing_the_package_imports_no_framework():
    code = "import sys, ecg_tf; print(sorted({'tensorflow', 'keras', 'pyts'} & set(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
