"""The absl flags of the training settings, made from the fields of `Settings`."""

import dataclasses

from absl import flags

from ecg_tf.commands import app
from ecg_tf.training.setting_field import value_type
from ecg_tf.training.settings import Settings

flags.disclaim_key_flags()  # -help lists the flags as the command's own

_DEFINE = {
    bool: flags.DEFINE_bool,
    float: flags.DEFINE_float,
    int: flags.DEFINE_integer,
    str: flags.DEFINE_string,
    tuple: flags.DEFINE_list,
}
_DEFINE_PATH = {str: app.define_path, tuple: app.define_paths}


def define_settings(*names):
    """Define the flag of each setting.

    Args:
        *names: the settings; all if none are named.

    Returns:
        list of absl's `FlagHolder`.
    """
    fields = {field.name: field for field in dataclasses.fields(Settings)}
    return [_define(fields[name]) for name in names or fields]


def _define(field):
    text, choices = field.metadata["help"], field.metadata["choices"]
    if field.default is dataclasses.MISSING:
        default, more = None, {"required": True}
    else:
        default, more = field.default, {}
    if isinstance(default, tuple):
        default = list(default)
    if choices:
        return flags.DEFINE_enum(field.name, default, choices, text, **more)
    define = _DEFINE_PATH if field.metadata["path"] else _DEFINE
    return define[value_type(field)](field.name, default, text, **more)
