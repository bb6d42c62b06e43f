"""Turning a finished run into a shipped network."""

import hashlib
import re

import numpy as np

from ecg_tf.data.prepared import PreparedRecords
from ecg_tf.data.seen import Seen, ecg_hashes
from ecg_tf.errors import InputError
from ecg_tf.evaluation.summary import MACRO
from ecg_tf.files import new_folder, write_atomically
from ecg_tf.pretrained import shipped
from ecg_tf.reports.plain_json import plain_json
from ecg_tf.runs.evaluate import evaluate, open_for_run
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.shipping.card import make_card
from ecg_tf.shipping.check_ecg import check_probabilities
from ecg_tf.shipping.run_copy import copy_run

LIMIT = 39_900_000  # bytes of all shipped networks together: 40 MB, less the size of a new card
_LARGEST_CHANGE = {"class": 1e-3, "macro": 3e-4}  # of the AUROC on dev, by rounding to float16


def ship(path_model, data, name, description):
    """Write a finished run to `ecg_tf/pretrained/NAME`, completely or not at all.

    The folder holds the run without its logs and its picture: the network with its weights rounded
    to float16, but without frozen backbones that are shipped themselves, the thresholds, the hashes
    of the records that the network has seen, and `card.json`. It holds nothing about the machine
    that trained the network: flags.cfg is written without the paths of data and runs.

    Args:
        path_model: the run folder.
        data: the prepared records that the run was trained on.
        name: name of the shipped network: lower-case letters, digits, _ . and -.
        description: one or two sentences for the card.

    Returns:
        The card, a dictionary.

    Raises:
        InputError: the run is not finished, or was trained on simulated records or on other records
            than `data`; the name is taken; rounding to float16 changes the dev AUROC of a class by
            more than 1e-3 or their mean by more than 3e-4; all shipped networks together would take
            more than 40 MB.
    """
    folder = shipped.FOLDER / name
    if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", name):
        raise InputError(f"name {name!r}: expected lower-case letters, digits, _ . and -")
    if folder.exists():
        raise InputError(f"{folder}: already exists; delete it to ship another network as {name}")
    run = RunFolder.open(path_model)
    prepared = PreparedRecords(data)
    _check_data(run, prepared)
    open_for_run(run, data, "dev")  # refuses other classes
    with new_folder(folder) as scratch:
        written = copy_run(run, scratch, _seen(run, prepared), share_backbones=True)
        _check_size(written.path)
        single = evaluate(path_model, data, "dev")
        half = evaluate(written.path, data, "dev")
        card = make_card(
            name,
            description,
            run.metadata,
            prepared.manifest,
            half,
            prepared.read("dev", run.input_spec.leads),
            compare(single, half),
            check_probabilities(written),
            {file.name: _fingerprint(file) for file in sorted(written.path.iterdir())},
        )
        write_atomically(written.path / shipped.CARD, plain_json(card))
    return shipped.card(name)


def compare(single, half):
    """Measure what rounding the weights to float16 changed on dev: "float16" of the card.

    Args:
        single: the `Evaluation` of the float32 network.
        half: the `Evaluation` of the float16 network on the same records with the same thresholds.

    Returns:
        {"auroc": {class: change}, "macro_auroc": change, "largest_probability": largest change of a
        probability, "decisions": number of changed decisions}.

    Raises:
        InputError: an AUROC that changed too much.
    """
    change = half.summary["auroc"] - single.summary["auroc"]
    for row in (*half.class_names, MACRO):
        largest = _LARGEST_CHANGE["macro" if row == MACRO else "class"]
        if all(one.summary["auroc"].isna()[row] for one in (single, half)):
            continue  # of a class without positives or negatives on dev
        if not abs(change[row]) <= largest:
            raise InputError(
                f"{single.about['run']}: as float16 its {row} AUROC on dev changes by "
                f"{change[row]:.1e}, expected at most {largest:.0e}"
            )
    return {
        "auroc": {name: change[name] for name in half.class_names},
        "macro_auroc": change[MACRO],
        "largest_probability": np.abs(half.probabilities - single.probabilities).max(),
        "decisions": np.count_nonzero(half.decisions != single.decisions),
    }


def _check_data(run, prepared):
    """Raise an InputError if the run was trained on other records, or on simulated ones."""
    metadata, sha256 = run.metadata, prepared.manifest["ecg_sha256"]
    if metadata.simulated or prepared.simulated:
        raise InputError(
            f"{run.path}: trained on simulated ECGs, expected a run trained on real ones"
        )
    found = metadata.ecg_sha256 or {}
    for partition in ("train", "dev"):
        if found.get(partition) != sha256[partition]:
            raise InputError(
                f"{run.path}: its {partition} records have ecg_sha256 {found.get(partition)}, "
                f"expected that of the data given, {sha256[partition]}"
            )


def _seen(run, prepared):
    """Return the hashes of the records that a run has seen, from `prepared` for an older run."""
    if run.seen_file.is_file():
        return Seen.load(run.seen_file)
    leads = run.input_spec.leads
    hashes = (ecg_hashes(prepared.read(name, leads).ecg) for name in ("train", "dev"))
    return Seen.of(leads, *hashes)


def _fingerprint(file):
    content = file.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def _check_size(folder):
    before = sum(map(_size, (shipped.FOLDER / name for name in shipped.names())))
    size = _size(folder)
    if before + size > LIMIT:
        raise InputError(
            f"{folder.name}: {size / 1e6:.1f} MB, and {before / 1e6:.1f} MB are shipped already; "
            f"expected at most {LIMIT / 1e6:.1f} MB in all"
        )


def _size(folder):
    return sum(file.stat().st_size for file in folder.iterdir())
