"""Frameworks are imported without the packages that they do not need."""

import gc
import importlib
import sys

import pytest

from ecg_tf.commands import quick_imports

FRAMEWORK = """
import gc
try:
    import extra_package.part as extra
except ImportError:
    extra = None
import needed_package
collects_garbage = gc.isenabled()
"""


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write modules, which can be imported in this test only; `framework` does not need extra."""

    def write(**modules):
        for name, content in modules.items():
            (tmp_path / f"{name}.py").write_text(content)

    (tmp_path / "extra_package").mkdir()
    (tmp_path / "extra_package" / "part.py").touch()
    write(framework=FRAMEWORK, needed_package="")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(quick_imports, "_OPTIONAL", {"framework": ("extra_package", "missing")})
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    quick_imports.make_imports_quick()
    yield write
    for name in "framework", "needed_package", "extra_package.part", "extra_package":
        sys.modules.pop(name, None)
    gc.unfreeze()


def test_framework_is_imported_without_what_it_does_not_need(write):
    framework = importlib.import_module("framework")
    assert framework.extra is None
    assert framework.needed_package is sys.modules["needed_package"]
    assert not {"extra_package", "missing"} & set(sys.modules)
    assert not framework.collects_garbage
    assert gc.isenabled()


def test_hidden_package_can_be_imported_afterwards(write):
    importlib.import_module("framework")
    assert importlib.import_module("extra_package.part").__name__ == "extra_package.part"


def test_package_that_is_imported_before_is_not_hidden(write):
    part = importlib.import_module("extra_package.part")
    assert importlib.import_module("framework").extra is part
    assert sys.modules["extra_package.part"] is part


def test_failed_import_hides_nothing_afterwards(write):
    write(needed_package="raise ImportError('broken')")
    with pytest.raises(ImportError, match="broken"):
        importlib.import_module("framework")
    assert "extra_package" not in sys.modules
    assert gc.isenabled()
    importlib.import_module("extra_package.part")


def test_framework_that_is_not_installed_stays_so(write, monkeypatch):
    monkeypatch.setattr(quick_imports, "_OPTIONAL", {"no_framework": ("extra_package",)})
    with pytest.raises(ModuleNotFoundError, match="no_framework"):
        importlib.import_module("no_framework")
