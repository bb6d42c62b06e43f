"""The commands: `ecg_tf NAME`, or bin/NAME.py in a checkout."""
