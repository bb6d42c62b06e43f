from pathlib import Path

from slow import SLOW

ROOT = Path(__file__).resolve().parent.parent


def test_the_slow_tests_exist():
    for line in SLOW:
        file, _, name = line.partition("::")
        assert f"def {name.partition('[')[0]}" in (ROOT / file).read_text("utf-8"), line
