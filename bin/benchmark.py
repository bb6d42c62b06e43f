#!/usr/bin/env python3
"""Measure the speed and memory of ecg_tf on this machine; flags in benchmarks/speed/main.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "benchmarks"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from speed.main import main

from ecg_tf.commands.app import run

if __name__ == "__main__":  # worker processes import this file, too
    run(main)
