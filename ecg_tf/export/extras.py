"""Import of optional packages."""

import importlib

from ecg_tf.errors import InputError


def import_extra(module, extra):
    """Import a module of a package that an extra of ecg_tf installs.

    Args:
        module: full name of the module.
        extra: name of the extra in setup.cfg.

    Raises:
        InputError: the package is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise InputError(
            f"{module.split('.')[0]} cannot be imported ({error}); "
            f"it comes with: pip install -e '.[{extra}]'"
        ) from error
