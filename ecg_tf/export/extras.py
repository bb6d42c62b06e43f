"""Packages that only some need, and what to install for them."""

import importlib

from ecg_tf.errors import InputError


def import_extra(module, extra):
    """The module `module`, of a package that the extra `extra` in setup.cfg names.

    Raises:
        InputError: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise InputError(
            f"{module.split('.')[0]} cannot be imported ({error}); "
            f"it comes with: pip install -e '.[{extra}]'"
        ) from error
