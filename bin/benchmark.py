#!/usr/bin/env python3
"""Measure the speed and memory of ecg_tf on this machine; flags in benchmarks/speed/main.py."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]
from ecg_tf.commands import app  # noqa: I001
from speed.main import main

if __name__ == "__main__":  # worker processes import this file, too
    app.run(main)
