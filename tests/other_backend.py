"""The environment of a process whose Keras runs on another backend than TensorFlow."""

import os


def environment(backend, *paths):
    """`os.environ` with Keras on `backend`, and `paths` for Python to look for modules in.

    On the CPU, where XLA translates for as short a time as it can: programs here run once.
    """
    return {
        **os.environ,
        "KERAS_BACKEND": backend,
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": "--xla_backend_optimization_level=0",
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
    }


def without(folder, *names):
    """Fill a folder with modules of these names whose import fails, and return it."""
    for name in names:
        (folder / name).mkdir(parents=True)
        error = f"raise ModuleNotFoundError('No module named {name}', name={name!r})\n"
        (folder / name / "__init__.py").write_text(error)
    return folder
