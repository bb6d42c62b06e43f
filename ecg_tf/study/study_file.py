"""The file that lists the runs of a study."""

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
_NAME = re.compile(r"\w[\w.-]{0,99}")  # of a section, which names a folder
_MOST_BYTES = 2**22
COMPARISON = "comparison"  # the folder beside the runs
_FIELDS = {field.name: field for field in dataclasses.fields(Settings)}
_GIVEN = ("data", "path_save_model")  # by the study's own flags
BACKBONES = ("signal_run", "image_run")


def read_study(path, data, study_dir):
    """Read the runs of a study from an INI file.

    Each section is a run: its name is the name of its folder in `study_dir`, its lines are flags of
    ecg_tf train without their dashes. Section [common] holds flags of all runs. The line
    `like = NAME` stands for all lines of the earlier section NAME; a section's own lines go before
    those it is like, and these before [common]. signal_run and image_run may name earlier sections,
    whose runs are then the backbones, or else are run folders or pretrained:NAME.

        [common]
        epochs = 100

        [alexnet_gaf]
        model = alexnet
        channels = gaf

        [alexnet_rp]
        like = alexnet_gaf
        channels = rp

    Args:
        path: the file.
        data: `-data` of all runs.
        study_dir: pathlib.Path of the folder with all run folders.

    Returns:
        {name: `Settings`}, in the order of the file.

    Raises:
        InputError: what is wrong, and in which line and section.
    """
    sections = _read(path)
    common = sections.pop(COMMON, _Section(0))
    if not sections:
        raise InputError(f"{path}: no runs, expected a section [NAME] for each")
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
    """A section of the file: the number of its first line, {key: `_Line`}."""

    number: int
    lines: dict = dataclasses.field(default_factory=dict)


def _read(path):
    """{name: `_Section`} of an INI file.

    Errors show nothing of a line that is no flag: the file may be a link to another one.
    """
    try:
        text = read_bytes(path, _MOST_BYTES).decode("utf-8-sig")
    except InputError as error:
        reason = str(error).removeprefix(f"{path}: ")
        raise InputError(f"{path}: cannot be read as a study: {reason}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: cannot be read as a study: no UTF-8") from error
    sections, section, key = {}, None, None
    for number, line in enumerate(io.StringIO(text), start=1):
        content = line.strip()
        where = f"{path}: cannot be read as a study: line {number}"
        if not content or content.startswith("#"):
            continue
        if "\0" in content:
            raise InputError(f"{where}: a NUL character")
        if line[0].isspace() and key is not None:  # the line before goes on
            before = section.lines[key]
            section.lines[key] = dataclasses.replace(before, text=f"{before.text}\n{content}")
        elif head := re.fullmatch(r"\[(.+)\]", content):
            if head[1] in sections:
                first = sections[head[1]].number
                raise InputError(f"{where}: section {quoted(head[1])} is there since line {first}")
            section = sections[head[1]] = _Section(number)
            key = None
        elif section is None:
            raise InputError(f"{where}: expected a section first, as [NAME]")
        else:
            key, equals, value = (part.strip() for part in content.partition("="))
            key = key.lower()
            if not key or not equals:
                raise InputError(f"{where}: expected a flag, as name = value")
            if key in section.lines:
                first = section.lines[key].number
                raise InputError(f"{where}: {quoted(key)} is there since line {first}")
            section.lines[key] = _Line(number, value)
    return sections


def _inherit(place, section, earlier):
    """A section's lines, with those of the section that it is like."""
    lines = dict(section.lines)
    like = lines.pop(LIKE, None)
    if like is None:
        return lines
    if like.text not in earlier:
        found = quoted(like.text)
        raise InputError(f"{place(like.number)}: like {found}, expected an earlier section")
    return earlier[like.text] | lines


def _backbone(place, flag, value, sections, runs, study_dir):
    """{flag: run folder} where it names a run of the study."""
    if value not in sections:
        return {}
    if value not in runs:
        raise InputError(f"{place}: {flag} {value!r} comes later, expected an earlier section")
    return {flag: str(study_dir / value)}


def _check_flag(place, name):
    if name in _GIVEN:
        raise InputError(f"{place}: {name} is given when the study is run, not here")
    if name not in _FIELDS:
        raise InputError(f"{place}: {quoted(name)} is no flag of ecg_tf train")


def _settings(place, number, flags, lines, data, folder):
    """The `Settings` of a section that begins in line `number`; `place` says where a line is."""
    if "model" not in flags:
        raise InputError(f"{place(number)}: no model, expected the name of a network")
    try:
        find(flags["model"])
        values = {name: _value(name, text) for name, text in flags.items()}
        return Settings(**values, data=str(data), path_save_model=str(folder))
    except InputError as error:
        flag = str(error).split(" ", 1)[0]  # of what is wrong; `Settings` begins with it
        if flag in lines:
            number = lines[flag].number
        raise InputError(f"{place(number)}: {error}") from error


def _value(name, text):
    """What a flag's text stands for, by the type that `Settings` gives it."""
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
