"""The command `python -m fuzz`, see `fuzz`."""

import argparse
import collections
import math
import sys
import tempfile
from pathlib import Path

from fuzz.case import FAILURE, REFUSED, SAME, UNSEEN, Cases
from fuzz.guard import Guard
from fuzz.kinds import KINDS

_OUTCOMES = (REFUSED, SAME, UNSEEN, FAILURE)


def main():
    """Run the cases, print a table and every failure; the exit status is 1 after a failure."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("kinds", nargs="*", help=f"kinds among {', '.join(KINDS)}. Default: all.")
    parser.add_argument(
        "--cases", type=int, default=10_000, help="number of cases of all kinds. Default: 10000."
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the damages. Default: 0.")
    parser.add_argument("--replay", type=int, help="number of a single case to run in this process")
    arguments = parser.parse_args()
    names = arguments.kinds or list(KINDS)
    if unknown := [name for name in names if name not in KINDS]:
        parser.error(f"{', '.join(unknown)}: expected {', '.join(KINDS)}")
    if arguments.replay is not None:
        with tempfile.TemporaryDirectory() as work:
            found = Cases(KINDS[names[0]], Path(work), str(arguments.seed)).run(arguments.replay)
        print("\n".join(f"{key}: {value}" for key, value in found.items()))
        return found["outcome"] == FAILURE
    shares = {name: KINDS[name].share for name in names}
    total = sum(shares.values())
    counts = {name: math.ceil(arguments.cases * shares[name] / total) for name in names}
    return run(counts, arguments.seed)


def run(counts, seed):
    """Run cases and return True if any failed.

    Args:
        counts: {kind: number of cases}.
        seed: seed of the damages.
    """
    print("kind         " + "".join(f"{outcome:>9}" for outcome in _OUTCOMES), flush=True)
    failures = 0
    with Guard(seed) as guard:
        for name, count in counts.items():
            found = collections.Counter()
            for number in range(count):
                case = guard.run(name, number)
                if "skipped" in case:
                    print(f"{name:13}skipped: {case['skipped']}", flush=True)
                    break
                found[case["outcome"]] += 1
                if case["outcome"] == FAILURE:
                    failures += 1
                    print(f"{name} {number}: {case['label']}: {case['reason']}", flush=True)
            else:
                print(f"{name:13}" + "".join(f"{found[o]:9d}" for o in _OUTCOMES), flush=True)
    print(f"{failures} failures")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
