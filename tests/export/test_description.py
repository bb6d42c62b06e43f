import math

import pytest

from ecg_tf.errors import InputError
from ecg_tf.export.description import check_description

GOOD = {
    "class_names": ["MI", "CD"],
    "thresholds": [0.5, 1],
    "leads": ["I", "V2"],
    "simulated": False,
}


def test_a_valid_description_is_accepted():
    assert check_description(GOOD, "file") is None  # of an older export
    assert check_description({**GOOD, "sampling_rate": 500, "samples": 5000}, "file") is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(
            ("class_names", v)
            for v in ([], ["MI"], "MI", None, 5, ["MI", "MI"], [1, 2], ["MI", " "])
        ),
        *(("class_names", v) for v in (["MI", None], ["MI", "CD", "X"], {"MI": 1, "CD": 2})),
        *(("thresholds", v) for v in ([], [0.5], None, 5, "x", [math.nan, 0.5], [-0.1, 0.5])),
        *(("thresholds", v) for v in ([0.5, 1.1], ["a", "b"], [True, 0.5], [[0.5], [0.5]])),
        *(("leads", v) for v in ([], ["V7"], None, 5, "III", ["I", "I"], [1], ["i"], [["I"]])),
        *(("sampling_rate", v) for v in (None, 99, 1001, 100.0, "100", True, [100])),
        *(("samples", v) for v in (None, 249, 6001, 1000.0, "1000", [1000])),
        *(("simulated", v) for v in (None, "false", 0, [], {})),
    ],
)
def test_an_invalid_entry_is_named(key, value):
    with pytest.raises(InputError, match=r"^file: "):
        check_description({**GOOD, key: value}, "file")


@pytest.mark.parametrize("key", GOOD)
def test_a_missing_or_unknown_entry_is_refused(key):
    less = {name: value for name, value in GOOD.items() if name != key}
    for description in (less, {**less, "other": GOOD[key]}, {**GOOD, "other": 1}):
        with pytest.raises(InputError, match="file: describes"):
            check_description(description, "file")
