"""The environment of a process whose Keras runs on another backend than TensorFlow."""

import functools
import importlib.util
import mmap
import os
from pathlib import Path

_FUSION_EMITTERS = "xla_cpu_use_fusion_emitters"


def environment(backend, *paths):
    """`os.environ` with Keras on `backend`, and `paths` for Python to look for modules in.

    On the CPU, where XLA translates for as short a time as it can: programs here run once.
    """
    return {
        **os.environ,
        "KERAS_BACKEND": backend,
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": " ".join(_quick_flags()),
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
    }


@functools.cache
def _quick_flags():
    """The flags of XLA with which it compiles in a third of the time."""
    flags = ["--xla_backend_optimization_level=0"]
    if _knows(_FUSION_EMITTERS):
        flags.append(f"--{_FUSION_EMITTERS}=false")  # the older emitter is the quicker one
    return flags


def _knows(flag):
    """Whether the XLA of jaxlib has a flag: an unknown one ends the process."""
    found = importlib.util.find_spec("jaxlib")
    for folder in found.submodule_search_locations if found else ():
        for file in Path(folder).glob("*.so"):
            with (
                file.open("rb") as opened,
                mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content,
            ):
                if content.find(flag.encode()) >= 0:
                    return True
    return False


def without(folder, *names):
    """Fill a folder with modules of these names whose import fails, and return it."""
    for name in names:
        (folder / name).mkdir(parents=True)
        error = f"raise ModuleNotFoundError('No module named {name}', name={name!r})\n"
        (folder / name / "__init__.py").write_text(error)
    return folder
