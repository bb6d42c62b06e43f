"""Finished runs: the run folder, and what is done with it."""
