"""The commands `ecg_tf NAME …`, a file each with its flags; in a checkout also bin/NAME.py."""
