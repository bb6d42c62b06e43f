"""Shipped networks by name: "pretrained:NAME" wherever a run folder is taken.

Each is an ordinary finished run folder, `ecg_tf/pretrained/NAME`, with one file more: `card.json`
says what it is, what it was trained on and how good it is (`ecg_tf.shipping.card.make_card`), and
has the SHA-256 of every other file.
"""

import hashlib
import re
from pathlib import Path

from ecg_tf.errors import InputError
from ecg_tf.files import read_json

PREFIX = "pretrained:"
CARD = "card.json"
FOLDER = Path(__file__).parent

_MOST = 2**27  # bytes of a shipped file
_NEEDED = {"model.keras", "about.json", "thresholds.json"}  # without these it is no finished run


def names():
    """The names of all shipped networks, a sorted list of str."""
    return sorted(file.parent.name for file in FOLDER.glob(f"[!.]*/{CARD}"))


def card(name):
    """The card of a shipped network, a dictionary.

    Raises:
        InputError: an unknown name, or a card that cannot be read or does not list the files of a
            run.
    """
    file = _folder(name) / CARD
    content = read_json(file)
    files = content.get("files")
    if not isinstance(files, dict) or not all(map(_is_listed, files, files.values())):
        raise InputError(f"{file}: files: expected the SHA-256 of each by its name")
    missing = _NEEDED - set(files)
    if missing:
        raise InputError(f"{file}: does not list {', '.join(sorted(missing))}")
    return content


def place(path):
    """The folder or file that `path` stands for: itself, or the folder of "pretrained:NAME".

    Args:
        path: str or Path.

    Returns:
        pathlib.Path. The files of a shipped network are there and are those that were shipped.

    Raises:
        InputError: an unknown name, or a file whose SHA-256 is not the card's.
    """
    if not str(path).startswith(PREFIX):
        return Path(path)
    name = str(path).removeprefix(PREFIX)
    folder = _folder(name)
    for file, expected in card(name)["files"].items():
        found = _sha256(folder / file)
        if found != expected["sha256"]:
            raise InputError(
                f"{folder / file}: SHA-256 {found}, expected {expected['sha256']}, that of the "
                f"file shipped as {path}"
            )
    return folder


def _folder(name):
    known = names()
    if name not in known:
        found = f"expected one of {', '.join(known)}" if known else "no network is shipped"
        raise InputError(f"{PREFIX}{name}: {found}")
    return FOLDER / name


def _is_listed(file, fingerprint):
    """Whether this is the name of a file in the folder, and what is known of it has a SHA-256."""
    return (
        re.fullmatch(r"\w[\w.-]*", file, re.ASCII) is not None
        and isinstance(fingerprint, dict)
        and re.fullmatch("[0-9a-f]{64}", str(fingerprint.get("sha256"))) is not None
    )


def _sha256(file):
    try:
        if file.exists() and not (file.is_file() and file.stat().st_size <= _MOST):
            return "not to be had (no file of a shipped network's size)"
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        return f"not to be had ({error.strerror})"
