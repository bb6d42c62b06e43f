#!/usr/bin/env python3
"""`ecg_tf ensemble` in a checkout; its flags are in ecg_tf/commands/ensemble.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from ecg_tf.commands.command_line import run_command

if __name__ == "__main__":  # worker processes import this file, too
    run_command("ensemble")
