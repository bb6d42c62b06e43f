"""The file that lists the runs of a grid."""

import dataclasses
import functools
import io
import os
import re

from ecg_tf.errors import InputError, quoted
from ecg_tf.files import read_bytes
from ecg_tf.models import find
from ecg_tf.training.setting_field import value_type
from ecg_tf.training.settings import Settings

COMMON, LIKE = "common", "like"
_NAME = re.compile(r"\w[\w.-]{0,99}")  # of a section, and of its run folder
_MOST_BYTES = 2**22
COMPARISON = "comparison"  # folder beside the run folders
_FIELDS = {field.name: field for field in dataclasses.fields(Settings)}
_NOT_IN_FILE = ("data", "path_save_model")  # flags of ecg_tf study give them
BACKBONES = ("signal_run", "image_run")


def read_grid(path, data, study_dir):
    """Read the runs of a grid from an INI file.

    Each section is a run. Its name becomes the name of its folder in `study_dir`; its lines are
    flags of ecg_tf train, without dashes. Section [common] holds the flags of all runs. The line
    `like = NAME` copies all lines of the earlier section NAME. A section's own lines override the
    copied ones, which override those of [common]. signal_run and image_run name an earlier
    section, whose run becomes the backbone, or a run folder, pretrained:NAME or
    hf://OWNER/NAME.

        [common]
        epochs = 100

        [alexnet_gaf]
        model = alexnet
        channels = gaf

        [alexnet_rp]
        like = alexnet_gaf
        channels = rp

    Args:
        path: path of the file.
        data: `-data` of all runs.
        study_dir: pathlib.Path of the folder of all run folders.

    Returns:
        {name: `Settings`}, in the order of the file.

    Raises:
        InputError: a file that cannot be used; the message names the line and the section.
    """
    sections = _read(path)
    common = sections.pop(COMMON, _Section(0))
    if not sections:
        raise InputError(f"{path}: no runs, expected a section [NAME] for each run")
    own, runs = {}, {}
    for name, section in sections.items():
        if not _NAME.fullmatch(name) or name == COMPARISON:
            raise InputError(
                f"{path}, line {section.number}: section {quoted(name)}, expected a name of at "
                f"most 100 letters, digits, . - and _, not {COMPARISON}"
            )
        place = functools.partial("{0}, line {2}, [{1}]".format, path, name)
        own[name] = _inherit(place, section, own)
        lines = common.lines | own[name]
        for key, line in lines.items():
            _check_flag(place(line.number), key)
        flags = {key: line.text for key, line in lines.items()}
        for backbone in filter(lines.get, BACKBONES):
            where = place(lines[backbone].number)
            flags |= _backbone(where, backbone, flags[backbone], sections, runs, study_dir)
        runs[name] = _settings(place, section.number, flags, lines, data, study_dir / name)
    return runs


@dataclasses.dataclass(frozen=True)
class _Line:
    """A line of the file, `key = text`."""

    number: int
    text: str


@dataclasses.dataclass
class _Section:
    """A section of the file: the number of its first line, and {key: `_Line`}."""

    number: int
    lines: dict = dataclasses.field(default_factory=dict)


def _read(path):
    """Parse an INI file into {name: `_Section`}.

    Error messages do not quote lines that are not flags: the file may be a link to another file.
    """
    try:
        text = read_bytes(path, _MOST_BYTES).decode("utf-8-sig")
    except InputError as error:
        reason = str(error).removeprefix(f"{path}: ")
        raise InputError(f"{path}: cannot be read as a grid: {reason}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: cannot be read as a grid: not UTF-8") from error
    sections, section, key = {}, None, None
    for number, line in enumerate(io.StringIO(text), start=1):
        content = line.strip()
        where = f"{path}: cannot be read as a grid: line {number}"
        if not content or content.startswith("#"):
            continue
        if "\0" in content:
            raise InputError(f"{where}: a NUL character")
        if line[0].isspace() and key is not None:  # continues the line before
            before = section.lines[key]
            section.lines[key] = dataclasses.replace(before, text=f"{before.text}\n{content}")
        elif head := re.fullmatch(r"\[(.+)\]", content):
            if head[1] in sections:
                first = sections[head[1]].number
                raise InputError(f"{where}: section {quoted(head[1])} repeats that of line {first}")
            section = sections[head[1]] = _Section(number)
            key = None
        elif section is None:
            raise InputError(f"{where}: expected a section [NAME] first")
        else:
            key, equals, value = (part.strip() for part in content.partition("="))
            key = key.lower()
            if not key or not equals:
                raise InputError(f"{where}: expected a flag as name = value")
            if key in section.lines:
                first = section.lines[key].number
                raise InputError(f"{where}: {quoted(key)} repeats that of line {first}")
            section.lines[key] = _Line(number, value)
    return sections


def _inherit(place, section, earlier):
    """The lines of a section, including those of the section that its `like` names."""
    lines = dict(section.lines)
    like = lines.pop(LIKE, None)
    if like is None:
        return lines
    if like.text not in earlier:
        found = quoted(like.text)
        raise InputError(f"{place(like.number)}: like {found}, expected an earlier section")
    return earlier[like.text] | lines


def _backbone(place, flag, value, sections, runs, study_dir):
    """{flag: run folder} if the value names a run of the grid; else {}."""
    if value not in sections:
        return {}
    if value not in runs:
        raise InputError(f"{place}: {flag} {value!r} comes later, expected an earlier section")
    return {flag: str(study_dir / value)}


def _check_flag(place, name):
    if name in _NOT_IN_FILE:
        raise InputError(f"{place}: {name} is a flag of ecg_tf study, not of a run")
    if name not in _FIELDS:
        raise InputError(f"{place}: {quoted(name)} is not a flag of ecg_tf train")


def _settings(place, number, flags, lines, data, folder):
    """The `Settings` of a section that begins in line `number`.

    Args:
        place: function from a line number to its place, for error messages.
        number: number of the section's first line.
        flags: {flag: text} of the run.
        lines: {flag: `_Line`} that the texts are from.
        data: `-data` of the run.
        folder: the run folder.
    """
    if "model" not in flags:
        raise InputError(f"{place(number)}: no model, expected the name of a network")
    try:
        find(flags["model"])
        values = {name: _value(name, text) for name, text in flags.items()}
        return Settings(**values, data=str(data), path_save_model=str(folder))
    except InputError as error:
        flag = str(error).split(" ", 1)[0]  # messages of `Settings` begin with the name
        if flag in lines:
            number = lines[flag].number
        raise InputError(f"{place(number)}: {error}") from error


def _value(name, text):
    """The value that a flag's text stands for, by its type in `Settings`."""
    if _FIELDS[name].metadata["path"]:
        text = ",".join(os.path.expanduser(part.strip()) for part in text.split(","))  # noqa: PTH111
    kind = value_type(_FIELDS[name])
    if kind is tuple:
        return tuple(part.strip() for part in text.split(","))
    try:
        if kind is bool:
            return {"true": True, "false": False}[text.lower()]
        return kind(text)
    except (ValueError, KeyError) as error:
        expected = {int: "a whole number", float: "a number", bool: "true or false"}[kind]
        raise InputError(f"{name} {quoted(text)}: expected {expected}") from error
