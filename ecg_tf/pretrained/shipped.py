"""Shipped networks by name: "pretrained:NAME" wherever a run folder is taken.

Each is an ordinary finished run folder, `ecg_tf/pretrained/NAME`, with one file more: `card.json`
says what it is, what it was trained on and how good it is (`ecg_tf.shipping.card.make_card`), and
has the SHA-256 of every other file.
"""

import hashlib
import json
from pathlib import Path

from ecg_tf.errors import InputError

PREFIX = "pretrained:"
CARD = "card.json"
FOLDER = Path(__file__).parent


def names():
    """The names of all shipped networks, a sorted list of str."""
    return sorted(file.parent.name for file in FOLDER.glob(f"[!.]*/{CARD}"))


def card(name):
    """The card of a shipped network, a dictionary.

    Raises:
        InputError: an unknown name.
    """
    return json.loads((_folder(name) / CARD).read_text("utf-8"))


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


def _sha256(file):
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        return f"not to be had ({error.strerror})"
