"""Commands and scripts in the process of the tests, which saves the import of TensorFlow."""

import contextlib
import importlib
import importlib.util
import sys

from absl import flags


@contextlib.contextmanager
def command_module(name):
    """The module of a command, with its flags defined in absl's FLAGS until the end."""
    with _new_flags():
        yield importlib.import_module(f"ecg_tf.commands.{name}")


@contextlib.contextmanager
def script_module(path):
    """The same for a script that defines flags."""
    with _new_flags():
        spec = importlib.util.spec_from_file_location("script", path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[module.__name__] = module
        spec.loader.exec_module(module)
        yield module


@contextlib.contextmanager
def _new_flags():
    """Forget at the end which flags were defined meanwhile, so that others can define them."""
    before = set(flags.FLAGS)
    try:
        yield
    finally:
        for module, defined in flags.FLAGS.flags_by_module_dict().items():
            new = {flag.name for flag in defined} - before
            if new and not module.startswith("absl."):
                flags.FLAGS.remove_flag_values(new)
                del sys.modules[module]
        flags.FLAGS.unparse_flags()
