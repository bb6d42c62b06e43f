"""Thresholds, counts, metrics and confidence intervals from labels and probabilities, in numpy."""
