"""Records that a run will have seen when it is trained: kept for those who judge it."""

import numpy as np
from absl import logging

from ecg_tf.data.partitions import PARTITIONS
from ecg_tf.data.seen import Seen, ecg_hashes
from ecg_tf.data.sources import open_records
from ecg_tf.errors import InputError
from ecg_tf.runs.seen import seen_of


def seen_by_training(settings, partitions, built_from, teachers):
    """What a run will have seen when it is trained: its own records and those of its ancestors.

    An ancestor of other leads, a teacher, knows its records by other hashes than the run does. Of
    these only the records in `settings.data` are found, by reading it with the ancestor's leads;
    what else the ancestor has seen is not known of the run.

    Args:
        settings: `ecg_tf.training.settings.Settings`.
        partitions: {"train" and "dev": `ecg_tf.data.sources.Partition`}.
        built_from: {flag: `RunFolder`} of the runs that give it weights, of the same leads.
        teachers: `ecg_tf.training.teachers.Teacher`s.

    Returns:
        The `Seen`, and how many dev records are among those trained on; (None, None) for images
        that do not say which records they are of.

    Raises:
        InputError: dev records that are trained on, unless `settings.allow_seen`.
    """
    own = {name: part.ecg_hashes() for name, part in partitions.items()}
    if own["train"] is None or own["dev"] is None:
        logging.warning(
            "%s does not say which records its images are of: whether the dev partition holds some "
            "that are trained on cannot be checked",
            settings.data,
        )
        return None, None
    trained, chosen = [own["train"]], [own["dev"]]
    known = {f"{settings.data}: its train partition holds": np.isin(own["dev"], own["train"])}
    ancestors = [*built_from.items(), *(("teacher_runs", teacher.run) for teacher in teachers)]
    for flag, run in ancestors:
        seen = seen_of(run)
        if seen is None:
            continue
        if seen.leads != settings.leads:
            seen = _by_leads_of(settings, seen)
        trained.append(seen.trained)
        chosen.append(seen.chosen)
        known[f"{flag} {run.path} was trained on"] = seen.was_trained_on(own["dev"])
    _check_dev(settings, known)
    return (
        Seen.of(settings.leads, np.concatenate(trained), np.concatenate(chosen)),
        int(np.count_nonzero(np.any(list(known.values()), axis=0))),
    )


def _by_leads_of(settings, seen):
    """What `seen` has of `settings.data`, by the hashes of the leads in `settings`."""
    data = open_records(settings.data)
    trained, chosen = [], []
    for partition in PARTITIONS:
        try:
            theirs = ecg_hashes(data.read(partition, seen.leads).ecg)
            ours = ecg_hashes(data.read(partition, settings.leads).ecg)
        except InputError:
            if partition != "test":  # which there may be none of
                raise
            continue
        trained.append(ours[seen.was_trained_on(theirs)])
        chosen.append(ours[seen.was_chosen_by(theirs)])
    return Seen.of(settings.leads, np.concatenate(trained), np.concatenate(chosen))


def _check_dev(settings, known):
    """Refuse dev records that are trained on, or warn of them.

    Args:
        settings: `ecg_tf.training.settings.Settings`.
        known: {who knows them: bool (record,) of dev}.
    """
    for who, those in known.items():
        if not those.any():
            continue
        sentence = (
            f"{who} {np.count_nonzero(those)} of the {len(those)} dev records, by which the epoch "
            "and the thresholds are chosen"
        )
        if not settings.allow_seen:
            raise InputError(f"{sentence}; take other dev records, or go on with -allow_seen")
        logging.warning("%s", sentence)
