"""The requirements beside setup.cfg are those of setup.cfg."""

import configparser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def requirements(text):
    """{name: lower bound or pin} of the lines NAME>=VERSION and NAME==VERSION."""
    lines = [line.split("#")[0].replace("==", ">=").split(",")[0] for line in text.splitlines()]
    return dict(line.strip().split(">=") for line in lines if ">=" in line)


def setup_cfg():
    """The lower bounds of setup.cfg: of the package, and of its extras."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    package = requirements(setup["options"]["install_requires"])
    return package, requirements("\n".join(setup["options.extras_require"].values()))


def test_requirements_without_tensorflow_are_those_of_setup_cfg():
    package, extras = setup_cfg()
    found = requirements((ROOT / "requirements-jax.txt").read_text("utf-8"))
    assert found.items() <= (package | extras).items()
    assert set(package) - set(found) == {
        "importlib-resources",
        "pyts",
        "tensorflow",
        "tensorflow-datasets",
        "tensorflow-metadata",
    }


def test_the_oldest_versions_are_the_lower_bounds_of_setup_cfg():
    package, extras = setup_cfg()
    del extras["ruff"]  # lints, and is the newest
    assert requirements((ROOT / "constraints-oldest.txt").read_text("utf-8")) == package | extras
