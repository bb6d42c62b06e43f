"""Griffe extension: the settings are described by their help texts, as the flags are."""

import ast

import griffe

PLACEHOLDER = "Attributes:\n    {attributes}\n\n"


class SettingsHelp(griffe.Extension):
    """Reads `NAME: TYPE = setting("help text", DEFAULT, …)`."""

    def on_attribute_instance(self, *, node, attr, **kwargs):
        """Take the help text of a field as its docstring, and its default as its value."""
        call = getattr(node, "value", None)
        if isinstance(call, ast.Call) and getattr(call.func, "id", None) == "setting":
            attr.docstring = griffe.Docstring(ast.literal_eval(call.args[0]), parent=attr)
            default = call.args[1] if len(call.args) > 1 else None
            attr.value = None if default is None else ast.unparse(default)

    def on_class_members(self, *, cls, **kwargs):
        """Leave out what is filled in when the module is imported."""
        if cls.docstring:
            cls.docstring.value = cls.docstring.value.replace(PLACEHOLDER, "")
