"""Partitions of PTB-XL: its ten stratified folds divided into train, dev and test."""

from ecg_tf.errors import InputError

PARTITIONS = ("train", "dev", "test")
FOLDS = range(1, 11)
DEFAULT_FOLDS = {"train": "1-8", "dev": "9", "test": "10"}  # Wagner et al. 2020


def parse_folds(text: str) -> tuple[int, ...]:
    """Parse a list of numbers and ranges into sorted folds.

    Args:
        text: numbers and ranges from 1 to 10, separated by commas.

    Raises:
        InputError: the text is not such a list.

    Examples:
        >>> from ecg_tf.data.partitions import parse_folds
        >>> parse_folds("1-7,9")
        (1, 2, 3, 4, 5, 6, 7, 9)
    """
    folds = set()
    for part in str(text).split(","):
        first, dash, last = part.partition("-")
        try:
            span = range(int(first), int(last if dash else first) + 1)
        except ValueError:
            span = ()
        if not span or span[0] not in FOLDS or span[-1] not in FOLDS:
            raise InputError(f"folds {text!r}: expected numbers or ranges within 1-10, as 1-7,9")
        folds.update(span)
    return tuple(sorted(folds))


def folds_of_partitions(train: str, dev: str, test: str) -> dict[str, tuple[int, ...]]:
    """Return {partition: folds}.

    Args:
        train: folds of the train partition, a text for `parse_folds`.
        dev: folds of the dev partition, a text for `parse_folds`.
        test: folds of the test partition, a text for `parse_folds`.

    Raises:
        InputError: a text cannot be parsed, or a fold is in two partitions.
    """
    folds = {"train": parse_folds(train), "dev": parse_folds(dev), "test": parse_folds(test)}
    for fold in FOLDS:
        owners = [name for name in PARTITIONS if fold in folds[name]]
        if len(owners) > 1:
            raise InputError(f"fold {fold} is in {' and '.join(owners)}; partitions must not share")
    return folds


def check_partition(name: str) -> str:
    """Return `name` if it is a partition, or raise an InputError."""
    if name not in PARTITIONS:
        raise InputError(f"partition {name!r}: expected {', '.join(PARTITIONS)}")
    return name
