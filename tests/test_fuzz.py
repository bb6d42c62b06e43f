"""A short fuzz run; `python -m fuzz` in tests/ is the long one."""

import pytest
from fuzz.case import FAILURE
from fuzz.guard import Guard
from fuzz.kinds import KINDS

CASES = 8  # of each kind


@pytest.fixture(scope="module")
def guard():
    with Guard(seed=1) as guard:
        yield guard


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_inputs_are_refused_by_name_or_read(guard, kind):
    for number in range(CASES):
        case = guard.run(kind, number)
        if "skipped" in case:
            pytest.skip(case["skipped"])
        assert case["outcome"] != FAILURE, f"case {number}, {case['label']}: {case['reason']}"
