"""Records that a run has seen: looked up before it is judged."""

from absl import logging

from ecg_tf.data.seen import Seen
from ecg_tf.errors import InputError
from ecg_tf.reports.definitions import seen_sentences


def seen_of(run):
    """The `Seen` of a `RunFolder`; None, and a line in the log, where the run does not say."""
    if not run.seen_file.is_file():
        logging.warning(
            "%s does not say which records it was trained on (it holds no %s): whether it knows "
            "those it is judged on cannot be checked",
            run.path,
            run.seen_file.name,
        )
        return None
    return Seen.load(run.seen_file)


def check_judged(run, part, partition, dev, allow_seen):
    """Refuse to judge a run on records that it has seen, or warn of them.

    Args:
        run: the finished `RunFolder`.
        part: the `ecg_tf.data.sources.Partition` that it is judged on, by the run's leads.
        partition: its name. Of "train" it is known that it has been seen.
        dev: the partition that the thresholds are chosen on anew; None where they are not.
        allow_seen: whether the run is judged all the same.

    Returns:
        {"trained": how many records of `part` it was trained on, "chosen": how many other ones of
        "test" its epoch and thresholds were chosen by, "thresholds": how many of the dev records
        that these were chosen by it was trained on, where `part` is not dev}; None where it is not
        known.

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
            "the images do not say which records they are of: whether %s knows them cannot be "
            "checked",
            run.path,
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
            f"{run.path}: {'; '.join(sentences)}: this is no {partition} partition for it. Take "
            "records that it has not seen, or go on with -allow_seen"
        )
    for sentence in sentences:
        logging.warning("%s: %s", run.path, sentence)
    return found
