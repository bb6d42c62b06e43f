"""Checks, measurements and trainings on a GPU, under JAX."""
