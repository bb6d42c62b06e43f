import re
from pathlib import Path

from slow import SLOW

ROOT = Path(__file__).resolve().parent.parent


def test_the_slow_tests_exist():
    for line in SLOW:
        file, _, name = line.partition("::")
        functions = re.findall(r"^def (test_\w+)\(", (ROOT / file).read_text("utf-8"), re.MULTILINE)
        assert functions, line
        assert not name or name.partition("[")[0] in functions, line
