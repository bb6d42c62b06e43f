"""Check of the records that a run has seen, before its evaluation."""

from absl import logging

from ecg_tf.data.seen import Seen
from ecg_tf.errors import InputError
from ecg_tf.reports.definitions import seen_sentences


def seen_of(run):
    """The `Seen` of a `RunFolder`; None, with a warning in the log, if the run has none."""
    if not run.seen_file.is_file():
        logging.warning(
            "%s: unknown which records it was trained on (it holds no %s); not checked whether it "
            "is evaluated on some of them",
            run,
            run.seen_file.name,
        )
        return None
    return Seen.load(run.seen_file)


def check_judged(run, part, partition, dev, allow_seen):
    """Refuse to evaluate a run on records that it has seen, or warn of them.

    Args:
        run: the finished `RunFolder`.
        part: the `ecg_tf.data.sources.Partition` to evaluate on, with the run's leads.
        partition: name of that partition. Nothing is checked for "train".
        dev: the dev partition, if thresholds are chosen again; None if not.
        allow_seen: True to warn instead of refusing.

    Returns:
        A dictionary of numbers of records, None if unknown:

        - "trained": records of `part` that the run was trained on;
        - "chosen": other records of a test partition by which its epoch and thresholds were chosen;
        - "thresholds": dev records that the run was trained on and its thresholds are chosen on,
          0 if `part` is dev.

    Raises:
        InputError: records that have been seen, unless `allow_seen`.
    """
    if partition == "train":
        return None
    seen = seen_of(run)
    if seen is None:
        return None
    hashes = part.ecg_hashes()
    if hashes is None:
        logging.warning(
            "the images do not say which records they are of: it is not checked whether %s has "
            "seen them",
            run,
        )
        return None
    trained = seen.was_trained_on(hashes)
    chosen = seen.was_chosen_by(hashes) & ~trained & (partition == "test")
    if partition == "dev":
        thresholds = 0  # no others than those of `part`
    elif dev is None:
        thresholds = run.metadata.dev_seen or 0
    else:
        of_dev = dev.ecg_hashes()
        thresholds = 0 if of_dev is None else seen.was_trained_on(of_dev).sum()
    found = {"trained": trained.sum(), "chosen": chosen.sum(), "thresholds": thresholds}
    found = {name: int(count) for name, count in found.items()}
    sentences = seen_sentences(found, partition, len(hashes))
    refused = found["trained"] or found["chosen"] or (dev is not None and found["thresholds"])
    if refused and not allow_seen:
        raise InputError(
            f"{run}: {'; '.join(sentences)}: this is no {partition} partition for it; use "
            "records that it has not seen, or pass -allow_seen"
        )
    for sentence in sentences:
        logging.warning("%s: %s", run, sentence)
    return found
