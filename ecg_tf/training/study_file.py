"""The file that lists the runs of a study."""

import configparser
import dataclasses
import os
import re
import typing

from ecg_tf.errors import InputError
from ecg_tf.training.settings import Settings

COMMON, LIKE = "common", "like"
COMPARISON = "comparison"  # the folder beside the runs
_FIELDS = {field.name: field for field in dataclasses.fields(Settings)}
_GIVEN = ("data", "path_save_model")  # by the study's own flags
TRUNKS = ("signal_run", "image_run")
_PATHS = ("image_cache", "initial_run", "teacher_runs", *TRUNKS)  # ~ is the home folder in these


def read_study(path, data, study_dir):
    """Read the runs of a study from an INI file.

    Each section is a run: its name is the name of its folder in `study_dir`, its lines are flags of
    bin/train.py without their dashes. Section [common] holds flags of all runs. The line
    `like = NAME` stands for all lines of the earlier section NAME; a section's own lines go before
    those it is like, and these before [common]. signal_run and image_run may name earlier sections,
    whose runs are then the trunks, or else are run folders or pretrained:NAME.

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
        InputError: what is wrong, and in which section.
    """
    sections = _read(path)
    common = sections.pop(COMMON, {})
    if not sections:
        raise InputError(f"{path}: no runs, expected a section [NAME] for each")
    own, runs = {}, {}
    for name, lines in sections.items():
        place = f"{path}, [{name}]"
        if not re.fullmatch(r"\w[\w.-]*", name) or name == COMPARISON:
            raise InputError(
                f"{place}: expected a name of letters, digits, . - and _, not {COMPARISON}"
            )
        own[name] = _inherit(place, lines, own)
        flags = common | own[name]
        for trunk in TRUNKS:
            flags |= _trunk(place, trunk, flags.get(trunk), sections, runs, study_dir)
        runs[name] = _settings(place, flags, data, study_dir / name)
    return runs


def _read(path):
    parser = configparser.ConfigParser(
        interpolation=None, default_section=None, delimiters=("=",), comment_prefixes=("#",)
    )
    try:
        with open(path, encoding="utf-8-sig") as file:  # noqa: PTH123 - read_file takes a file
            parser.read_file(file)
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise InputError(f"{path}: cannot be read as a study: {error}") from error
    return {name: dict(parser.items(name)) for name in parser.sections()}


def _inherit(place, lines, earlier):
    """A section's lines, with those of the section that it is like."""
    lines = dict(lines)
    like = lines.pop(LIKE, None)
    if like is None:
        return lines
    if like not in earlier:
        raise InputError(f"{place}: like {like!r}, expected an earlier section")
    return earlier[like] | lines


def _trunk(place, flag, value, sections, runs, study_dir):
    """{flag: run folder} where it names a run of the study."""
    if value not in sections:
        return {}
    if value not in runs:
        raise InputError(f"{place}: {flag} {value!r} comes later, expected an earlier section")
    return {flag: str(study_dir / value)}


def _settings(place, flags, data, folder):
    for name in flags:
        if name in _GIVEN:
            raise InputError(f"{place}: {name} is given when the study is run, not here")
        if name not in _FIELDS:
            raise InputError(f"{place}: {name!r} is no flag of bin/train.py")
    if "model" not in flags:
        raise InputError(f"{place}: no model, expected the name of a network")
    try:
        values = {name: _value(name, text) for name, text in flags.items()}
        return Settings(**values, data=str(data), path_save_model=str(folder))
    except InputError as error:
        raise InputError(f"{place}: {error}") from error


def _value(name, text):
    """What a flag's text stands for, by the type that `Settings` gives it."""
    if name in _PATHS:
        text = ",".join(os.path.expanduser(part.strip()) for part in text.split(","))  # noqa: PTH111
    kind = (typing.get_args(_FIELDS[name].type) or (_FIELDS[name].type,))[0]  # of "int | None"
    if kind is tuple:
        return tuple(part.strip() for part in text.split(","))
    try:
        if kind is bool:
            return {"true": True, "false": False}[text.lower()]
        return kind(text)
    except (ValueError, KeyError) as error:
        expected = {int: "a whole number", float: "a number", bool: "true or false"}[kind]
        raise InputError(f"{name} {text!r}: expected {expected}") from error
