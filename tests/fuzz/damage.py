"""Random damages of files that need no knowledge of the format."""

import dataclasses
import io
import json
import os
import re
import zipfile
from pathlib import Path

NUMBERS = (
    "0", "-1", "3", "999999999", "4294967296", "99999999999999999999", "1e308", "-1e400", "nan",
    "inf", "0x10", "1_000", "1,5", "+3", "0.5", "१२", "", "1.2.3", "9" * 5000,
)  # fmt: skip
WORDS = (
    "", " ", "None", "null", "true", "/etc/passwd", "../outside/secret", "~root", "file:///etc/passwd",
    "a::b", "%s%n", "$(id)", "\x00", "\x1b[31mred", "é", "\u202e", "A" * 100_000, "..", "--help",
    "[]", "{}", "'", '"', "\\", "*",
)  # fmt: skip
VALUES = (
    None, True, 0, -1, 10**9, 10**30, 0.5, float("nan"), float("inf"), "", "x", "../outside/secret",
    "\x00", "x" * 5000, [], [[]], {}, {"a": 1}, [1, 2], ["I", "I"], [None],
)  # fmt: skip
OTHER_FORMATS = {
    "an empty file": b"",
    "a PNG file": b"\x89PNG\r\n\x1a\n" + bytes(64),
    "a page": b"<!DOCTYPE html><html><body>404</body></html>",
    "an empty archive": b"PK\x05\x06" + bytes(18),
    "a gzip file": b"\x1f\x8b\x08\x00" + bytes(40),
    "a pickle that runs code": b"cos\nsystem\n(S'touch executed'\ntR.",
    "a nested list": b"[" * 100_000,
}
_HEADER = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,)}\n"
_HUGE_ARRAY = b"\x93NUMPY\x01\x00" + len(_HEADER).to_bytes(2, "little") + _HEADER + bytes(64)
SPARSE = 2**32  # bytes of a sparse file


@dataclasses.dataclass(frozen=True)
class Damage:
    """A damage of a file.

    Attributes:
        label: short description.
        gross: True if nothing of the file is left; reading it without an error is a failure.
    """

    label: str
    gross: bool = False


def damage_file(path, rng, outside):
    """Damage a file and return the `Damage`.

    Args:
        path: the file.
        rng: a `random.Random`.
        outside: a file outside the folder of the input.
    """
    choices = [_bytes, _bytes, _place]
    if path.suffix in (".json",):
        choices += [_json] * 5
    elif path.suffix in (".hea", ".csv", ".cfg", ".txt"):
        choices += [_text] * 4
    elif zipfile.is_zipfile(path) and path.suffix != ".tflite":
        choices += [_member] * 3
    return rng.choice(choices)(path, rng, outside)


def _bytes(path, rng, outside):
    name = rng.choice(sorted(BYTES))
    path.write_bytes(BYTES[name](path.read_bytes(), rng))
    return Damage(name)


def _place(path, rng, outside):
    """Put something else in place of the file."""
    name = rng.choice(
        ["a folder", "a link outside", "a pipe", "no file", "a file of 4 GB", *OTHER_FORMATS]
    )
    path.unlink()
    if name == "a folder":
        path.mkdir()
    elif name == "a link outside":
        path.symlink_to(outside)
    elif name == "a pipe":
        os.mkfifo(path)
    elif name == "a file of 4 GB":
        with path.open("wb") as file:
            file.truncate(SPARSE)
    elif name in OTHER_FORMATS:
        path.write_bytes(OTHER_FORMATS[name])
    # A missing file need not be an error: a run without a state has not begun.
    return Damage(f"{name} in its place", gross=name != "no file")


def _text(path, rng, outside):
    text = path.read_bytes().decode("latin-1")
    name = rng.choice(sorted(TEXT))
    path.write_bytes(TEXT[name](text, rng).encode("utf-8", "surrogateescape"))
    return Damage(name)


def _json(path, rng, outside):
    content = json.loads(path.read_bytes())
    parents = list(_nodes(content))
    parent, key = rng.choice(parents)
    if rng.random() < 0.2:
        del parent[key]
        label = f"{key} is gone"
    else:
        value = rng.choice(VALUES)
        parent[key] = value
        label = f"{key} is {str(value)[:20]!r}"
    path.write_text(json.dumps(content), "utf-8")
    return Damage(label)


def _nodes(content):
    """Yield (container, key) of each value of a JSON document; of long lists only the first few."""
    items = list(content.items()) if isinstance(content, dict) else list(enumerate(content))[:8]
    for key, value in items:
        yield content, key
        if isinstance(value, dict | list):
            yield from _nodes(value)


def _member(path, rng, outside):
    """Damage a member of a zip archive and update its checksum."""
    members = {}
    with zipfile.ZipFile(path) as archive:
        for one in archive.infolist():
            members[one.filename] = archive.read(one), one.compress_type
    victim = rng.choice(sorted(members))
    content, method = members[victim]
    name = rng.choice([*sorted(BYTES), "gone", "twice", "a huge array"])
    if name in BYTES:
        members[victim] = BYTES[name](content, rng), method
    elif name == "gone":
        del members[victim]
    elif name == "a huge array":
        members[victim] = _HUGE_ARRAY, method
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for member, (content, method) in members.items():
            archive.writestr(member, content, method)
        if name == "twice":
            archive.writestr(victim, content[: len(content) // 2], method)
    path.write_bytes(file.getvalue())
    return Damage(f"{victim}: {name}")


def _span(data, rng):
    size = min(len(data), rng.choice([1, 4, 16, 64, 512]))
    start = rng.randrange(len(data) - size + 1)
    return start, start + size


def _replaced(make):
    def change(data, rng):
        start, stop = _span(data, rng)
        return data[:start] + make(data[start:stop], rng) + data[stop:]

    return change


def _flip(data, rng):
    k = rng.randrange(len(data))
    return data[:k] + bytes([data[k] ^ 1 << rng.randrange(8)]) + data[k + 1 :]


BYTES = {
    "a bit": _flip,
    "a byte": _replaced(lambda old, rng: bytes([(old[0] + rng.randint(1, 255)) % 256]) + old[1:]),
    "zeros": _replaced(lambda old, rng: bytes(len(old))),
    "ones": _replaced(lambda old, rng: b"\xff" * len(old)),
    "noise": _replaced(lambda old, rng: rng.randbytes(len(old))),
    "bytes gone": _replaced(lambda old, rng: b""),
    "bytes more": _replaced(lambda old, rng: old + rng.randbytes(7)),
    "bytes twice": _replaced(lambda old, rng: old + old),
    "the end is gone": lambda data, rng: data[: rng.randrange(len(data))],
    "the last bytes are gone": lambda data, rng: data[: -rng.randint(1, min(8, len(data)))],
    "the beginning is gone": lambda data, rng: data[rng.randint(1, len(data)) :],
    "more at the end": lambda data, rng: data + rng.choice([b"\0", b"\n", rng.randbytes(33)]),
}  # fmt: skip


def _token(pattern, new):
    def change(text, rng):
        found = list(re.finditer(pattern, text))
        if not found:
            return text + rng.choice(new)
        one = rng.choice(found)
        return text[: one.start()] + rng.choice(new) + text[one.end() :]

    return change


def _line(change):
    """Return a damage that replaces one line by any number of lines."""

    def of_text(text, rng):
        lines = text.splitlines(keepends=True) or [""]
        k = rng.randrange(len(lines))
        return "".join([*lines[:k], *change(lines[k], rng), *lines[k + 1 :]])

    return of_text


TEXT = {
    "another number": _token(r"[-+]?\d+\.?\d*", NUMBERS),
    "another word": _token(r"[A-Za-z_]+", WORDS),
    "another sign": _token(r"[^\w\s]", ["", ";", ",", "/", "(", "\t", "=", "#", ":"]),
    "a line is gone": _line(lambda line, rng: []),
    "a line twice": _line(lambda line, rng: [line, line]),
    "a line of words": _line(lambda line, rng: [rng.choice(WORDS) + "\n", line]),
    "a blank line": _line(lambda line, rng: ["\n", line]),
    "a line cut": _line(lambda line, rng: [line[: len(line) // 2] + "\n"]),
}


def copy_folder(source, target):
    """Copy a folder of small files; this is faster than shutil.copytree."""
    for path in sorted(Path(source).rglob("*")):
        inner = target / path.relative_to(source)
        if path.is_dir():
            inner.mkdir(parents=True, exist_ok=True)
        else:
            inner.parent.mkdir(parents=True, exist_ok=True)
            inner.write_bytes(path.read_bytes())
