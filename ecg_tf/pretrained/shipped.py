"""Shipped networks by name: "pretrained:NAME" can stand in place of a run folder.

A shipped network is an ordinary finished run folder, `ecg_tf/pretrained/NAME`, with one more file:
`card.json` (`ecg_tf.shipping.card.make_card`) describes the network, its training data and its
performance, and lists the SHA-256 of every other file.
"""

import hashlib
import os
import re
from pathlib import Path

from ecg_tf.errors import InputError
from ecg_tf.files import read_json
from ecg_tf.pretrained.hub import download, is_on_hub

PREFIX = "pretrained:"
CARD = "card.json"
FOLDER = Path(__file__).parent

_MOST = 2**27  # bytes of a shipped file
_NEEDED = {"model.keras", "about.json", "thresholds.json"}  # the files of every finished run


def names() -> list[str]:
    """Return the sorted names of all shipped networks.

    Examples:
        >>> import ecg_tf.pretrained
        >>> "gru" in ecg_tf.pretrained.names()
        True
    """
    return sorted(file.parent.name for file in FOLDER.glob(f"[!.]*/{CARD}"))


def card(name: str) -> dict:
    """Return the card of a shipped network: training data, performance and files.

    Args:
        name: one of `names()`.

    Returns:
        The content of card.json; `ecg_tf.shipping.card.make_card` describes its keys.

    Raises:
        InputError: an unknown name, or a card that cannot be read or does not list the files of a
            run.

    Examples:
        >>> import ecg_tf.pretrained
        >>> ecg_tf.pretrained.card("gru")["classes"]
        ['MI', 'STTC', 'CD', 'HYP']
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


def is_name(path: str | os.PathLike) -> bool:
    """Return True for "pretrained:NAME" and "hf://OWNER/NAME", False for a path.

    Examples:
        >>> from ecg_tf.pretrained.shipped import is_name
        >>> [is_name(path) for path in ("pretrained:gru", "hf://OWNER/NAME", "runs/gru")]
        [True, True, False]
    """
    return is_on_hub(path) or str(path).startswith(PREFIX)


def last_name(path: str | os.PathLike) -> str:
    """Return NAME of "pretrained:NAME" and "hf://OWNER/NAME@REVISION", and the last part of a path.

    Examples:
        >>> from ecg_tf.pretrained.shipped import last_name
        >>> [last_name(path) for path in ("pretrained:gru", "hf://OWNER/gru@v1", "runs/gru")]
        ['gru', 'gru', 'gru']
    """
    if is_on_hub(path):
        path = str(path).partition("@")[0]
    return Path(str(path).removeprefix(PREFIX)).name


def place(path: str | os.PathLike) -> Path:
    """Resolve "pretrained:NAME" and "hf://OWNER/NAME" to a folder.

    The SHA-256 of every file of a shipped network is checked. A network of the Hugging Face Hub is
    downloaded, see `ecg_tf.pretrained.hub.download`.

    Args:
        path: "pretrained:NAME", "hf://OWNER/NAME", or a path, which is returned as it is.

    Raises:
        InputError: an unknown name, a file whose SHA-256 differs from the one in the card, or a
            network that cannot be downloaded.

    Examples:
        >>> import ecg_tf.pretrained
        >>> ecg_tf.pretrained.place("pretrained:gru").name
        'gru'
    """
    if not is_name(path):
        return Path(path)
    if is_on_hub(path):
        return download(str(path))
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


def _folder(name: str) -> Path:
    known = names()
    if name not in known:
        found = f"expected one of {', '.join(known)}" if known else "no network is shipped"
        raise InputError(f"{PREFIX}{name}: {found}")
    return FOLDER / name


def _is_listed(file: str, fingerprint: object) -> bool:
    """Return True for the name of a file in the folder and a dictionary with its SHA-256."""
    return (
        re.fullmatch(r"\w[\w.-]*", file, re.ASCII) is not None
        and isinstance(fingerprint, dict)
        and re.fullmatch("[0-9a-f]{64}", str(fingerprint.get("sha256"))) is not None
    )


def _sha256(file: Path) -> str:
    try:
        if file.exists() and not (file.is_file() and file.stat().st_size <= _MOST):
            return "not available (not a file, or too large for a shipped network)"
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        return f"not available ({error.strerror})"
