"""Writing a finished run as a folder for the Hugging Face Hub."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

from ecg_tf.data.seen import Seen
from ecg_tf.errors import InputError
from ecg_tf.files import new_folder, read_text, write_atomically
from ecg_tf.pretrained import shipped
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.runs.shared_classes import trained_on
from ecg_tf.shipping.card import LICENCE
from ecg_tf.shipping.hub_card import hub_card
from ecg_tf.shipping.run_copy import copy_run

_CC_BY = f"""The weights in this folder are licensed under the Creative Commons Attribution 4.0
International License (CC BY 4.0): https://creativecommons.org/licenses/by/4.0/legalcode

{textwrap.fill(LICENCE, 100)}
"""


def publish(
    path_model: str | os.PathLike,
    folder: str | os.PathLike,
    licence: str | os.PathLike | None = None,
) -> None:
    """Write a finished run as a folder for the Hugging Face Hub, completely or not at all.

    The folder is a run folder, too. It holds the network with its weights rounded to float16, the
    metadata, the thresholds, the history and the hashes of the records that the network has seen,
    as far as the run has them, README.md (the model card) and LICENSE. It holds nothing about the
    machine that trained the network. Nothing is uploaded.

    Args:
        path_model: the run folder, "pretrained:NAME" or "hf://OWNER/NAME".
        folder: the folder to write, missing or empty. Its name is the title of the model card.
        licence: text file with the licence of the weights. Default: CC BY 4.0, that of PTB-XL, for
            networks trained on it.

    Raises:
        InputError: the run is not finished or was trained on other data than PTB-XL and no
            `licence` is given, float16 cannot hold a weight, or `folder` is in use.

    Examples:
        >>> import pathlib
        >>> import tempfile
        >>> import ecg_tf
        >>> from ecg_tf.shipping.publish import publish
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     publish("pretrained:gru", f"{folder}/ecg-gru")
        ...     names = sorted(path.name for path in pathlib.Path(f"{folder}/ecg-gru").iterdir())
        >>> names[:2], names[-1]
        (['LICENSE', 'README.md'], 'thresholds.json')
    """
    run = RunFolder.open(path_model)
    block, text = _licence(run, path_model, licence)
    name = str(path_model).removeprefix(shipped.PREFIX)
    card = shipped.card(name) if str(path_model).startswith(shipped.PREFIX) else None
    seen = Seen.load(run.seen_file) if run.seen_file.is_file() else None
    with new_folder(folder) as scratch:
        copy_run(run, scratch, seen)
        title = Path(folder).resolve().name
        write_atomically(scratch / "README.md", hub_card(title, run, card, block))
        write_atomically(scratch / "LICENSE", text)


def _licence(
    run: RunFolder, path_model: str | os.PathLike, file: str | os.PathLike | None
) -> tuple[dict[str, str], str]:
    """Return the metadata {key: value} of the licence, and its text."""
    if file is not None:
        block = {"license": "other", "license_name": "see-license", "license_link": "LICENSE"}
        return block, read_text(Path(file))
    data_set = trained_on(run.metadata)
    if data_set != "PTB-XL" or run.metadata.checkpoint:
        found = (
            "converted from a checkpoint" if run.metadata.checkpoint else f"trained on {data_set}"
        )
        raise InputError(
            f"{path_model}: {found}; expected -license, a text file with the licence of its weights"
        )
    return {"license": "cc-by-4.0"}, _CC_BY
