import pytest

from ecg_tf.data.partitions import (
    DEFAULT_FOLDS,
    check_partition,
    folds_of_partitions,
    parse_folds,
)
from ecg_tf.errors import InputError


@pytest.mark.parametrize(
    ("text", "folds"),
    [
        ("9", (9,)),
        ("1-8", (1, 2, 3, 4, 5, 6, 7, 8)),
        ("1-7,9", (1, 2, 3, 4, 5, 6, 7, 9)),
        ("10,2,1", (1, 2, 10)),
        ("3-3", (3,)),
        ("1-3,2-4", (1, 2, 3, 4)),
        (" 1 - 2 , 4 ", (1, 2, 4)),
        (8, (8,)),
    ],
)
def test_folds_are_numbers_and_ranges(text, folds):
    assert parse_folds(text) == folds


@pytest.mark.parametrize(
    "text", ["0", "11", "1-11", "a", "8-3", "", "1,", "1-", "-1", "1-2-3", "1.5", "1;2"]
)
def test_invalid_list_of_folds_is_refused(text):
    with pytest.raises(
        InputError, match=rf"folds '{text}': expected numbers or ranges within 1-10"
    ):
        parse_folds(text)


def test_default_partitions_are_the_recommended_folds():
    assert folds_of_partitions(**DEFAULT_FOLDS) == {
        "train": (1, 2, 3, 4, 5, 6, 7, 8),
        "dev": (9,),
        "test": (10,),
    }


def test_folds_may_be_omitted():
    assert folds_of_partitions("1,3", "5", "7-8") == {"train": (1, 3), "dev": (5,), "test": (7, 8)}


@pytest.mark.parametrize(
    ("folds", "message"),
    [
        (("1-8", "8", "10"), "fold 8 is in train and dev"),
        (("1-8", "9", "8-10"), "fold 8 is in train and test"),
        (("1-8", "9-10", "10"), "fold 10 is in dev and test"),
        (("1", "1", "1"), "fold 1 is in train and dev and test"),
    ],
)
def test_partitions_must_not_share_a_fold(folds, message):
    with pytest.raises(InputError, match=message):
        folds_of_partitions(*folds)


def test_partition_has_one_of_three_names():
    assert [check_partition(name) for name in ("train", "dev", "test")] == ["train", "dev", "test"]
    with pytest.raises(InputError, match=r"partition 'val': expected train, dev, test"):
        check_partition("val")
