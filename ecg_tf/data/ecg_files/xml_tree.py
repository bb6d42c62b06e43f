"""Parsing XML files of unknown origin: no entities, no other files, bounded size and depth."""

import os
import re
import xml.etree.ElementTree as ET
from xml.parsers import expat

from ecg_tf.errors import InputError, RecordError
from ecg_tf.files import read_bytes

_MOST_BYTES = 2**26
_MOST_ELEMENTS = 10**6
_DEEPEST = 100
_LONGEST_NUMBER = 50  # characters
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)


def parse_xml(path: str | os.PathLike) -> ET.Element:
    """Parse an XML file.

    Args:
        path: the file. A document type that is declared in another file is not read.

    Returns:
        The root; names of elements and attributes are without their namespaces.

    Raises:
        RecordError: the file cannot be read, is larger than 64 MiB, is no well-formed XML, declares
            entities, or has more than a million elements or a depth of more than 100.
    """
    try:
        content = read_bytes(path, _MOST_BYTES)
    except InputError as error:
        raise RecordError(str(error)) from error
    return _Parser(path).parse(content)


def text_of(path: str | os.PathLike, element: ET.Element, name: str) -> str:
    """Return the text of the first element `name` below another, without spaces around it.

    Raises:
        RecordError: there is no such element.
    """
    found = element.find(name)
    if found is None:
        raise RecordError(f"{path}: no element {name} in {element.tag}")
    return (found.text or "").strip()


def number(path: str | os.PathLike, text: str | None, what: str) -> float:
    """Parse a decimal number; RecordError if `text` is not one, which `what` names."""
    text = (text or "").strip()
    if not _NUMBER.fullmatch(text[:_LONGEST_NUMBER]) or len(text) > _LONGEST_NUMBER:
        raise RecordError(f"{path}: {what} is {text[:20]!r}, expected a number")
    return float(text)


class _Parser:
    """A parser that builds a tree and refuses what can make it large.

    Args:
        path: name of the file in errors.
    """

    def __init__(self, path):
        self._path = path
        self._tree = ET.TreeBuilder()
        self._depth = self._elements = 0
        self._expat = expat.ParserCreate(namespace_separator=" ")
        self._expat.buffer_text = True
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._tree.data
        self._expat.EntityDeclHandler = self._refuse_entity

    def parse(self, content):
        try:
            self._expat.Parse(content, True)
            return self._tree.close()
        except (expat.ExpatError, LookupError, ValueError, AssertionError) as error:
            if isinstance(error, RecordError):
                raise
            raise RecordError(f"{self._path}: no well-formed XML: {error}") from error

    def _start(self, name, attributes):
        self._depth += 1
        self._elements += 1
        if self._depth > _DEEPEST or self._elements > _MOST_ELEMENTS:
            raise RecordError(
                f"{self._path}: XML with more than {_MOST_ELEMENTS} elements, or more than "
                f"{_DEEPEST} inside each other"
            )
        self._tree.start(_local(name), {_local(key): text for key, text in attributes.items()})

    def _end(self, name):
        self._depth -= 1
        self._tree.end(_local(name))

    def _refuse_entity(self, name, *_):
        raise RecordError(
            f"{self._path}: XML that declares the entity {name[:20]!r}; expected none"
        )


def _local(name):
    return name.rpartition(" ")[2]
