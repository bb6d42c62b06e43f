"""The records that a run is trained on, saved so that evaluation can refuse them."""

import numpy as np
from absl import logging

from ecg_tf.data.partitions import PARTITIONS
from ecg_tf.data.seen import Seen, ecg_hashes
from ecg_tf.data.sources import open_records
from ecg_tf.errors import InputError
from ecg_tf.runs.seen import seen_of


def seen_by_training(settings, partitions, built_from, teachers):
    """The records that a run is trained on: its own and those of its ancestors.

    The ancestors are the runs that it takes weights from and its teachers. Records are identified
    by a hash of their leads. A teacher may have other leads: then only those of its records that
    are in `settings.data` can be identified, by reading them with the teacher's leads; its other
    records remain unknown.

    Args:
        settings: `ecg_tf.training.settings.Settings`.
        partitions: {"train" and "dev": `ecg_tf.data.sources.Partition`}.
        built_from: {flag: `RunFolder`} of the runs that it takes weights from, of the same leads.
        teachers: list of `ecg_tf.training.teachers.Teacher`.

    Returns:
        The `ecg_tf.data.seen.Seen`, and the number of dev records among those trained on. Both are
        None for images without hashes of their records.

    Raises:
        InputError: dev records that are trained on, unless `settings.allow_seen`.
    """
    own = {name: part.ecg_hashes() for name, part in partitions.items()}
    if own["train"] is None or own["dev"] is None:
        logging.warning(
            "%s holds no hashes of the records of its images: whether the dev partition contains "
            "training records cannot be checked",
            settings.data,
        )
        return None, None
    trained, chosen = [own["train"]], [own["dev"]]
    known = {f"{settings.data}: its train partition contains": np.isin(own["dev"], own["train"])}
    ancestors = [*built_from.items(), *(("teacher_runs", teacher.run) for teacher in teachers)]
    for flag, run in ancestors:
        seen = seen_of(run)
        if seen is None:
            continue
        if seen.leads != settings.leads:
            seen = _by_leads_of(settings, seen)
        trained.append(seen.trained)
        chosen.append(seen.chosen)
        known[f"{flag} {run} was trained on"] = seen.was_trained_on(own["dev"])
    _check_dev(settings, known)
    return (
        Seen.of(settings.leads, np.concatenate(trained), np.concatenate(chosen)),
        int(np.count_nonzero(np.any(list(known.values()), axis=0))),
    )


def _by_leads_of(settings, seen):
    """The records of `seen` that are in `settings.data`, with hashes of the leads in `settings`."""
    data = open_records(settings.data)
    trained, chosen = [], []
    for partition in PARTITIONS:
        try:
            theirs = ecg_hashes(data.read(partition, seen.leads).ecg)
            ours = ecg_hashes(data.read(partition, settings.leads).ecg)
        except InputError:
            if partition != "test":  # data may have no test partition
                raise
            continue
        trained.append(ours[seen.was_trained_on(theirs)])
        chosen.append(ours[seen.was_chosen_by(theirs)])
    return Seen.of(settings.leads, np.concatenate(trained), np.concatenate(chosen))


def _check_dev(settings, known):
    """Refuse dev records that are trained on, or log a warning with `settings.allow_seen`.

    Args:
        settings: `ecg_tf.training.settings.Settings`.
        known: {beginning of the message: bool (record,) of dev}.
    """
    for beginning, trained in known.items():
        if not trained.any():
            continue
        sentence = (
            f"{beginning} {np.count_nonzero(trained)} of the {len(trained)} dev records, which "
            "choose the epoch and the thresholds"
        )
        if not settings.allow_seen:
            raise InputError(f"{sentence}; use other dev records, or -allow_seen")
        logging.warning("%s", sentence)
