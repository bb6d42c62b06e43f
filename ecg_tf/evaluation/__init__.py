"""From labels and probabilities to thresholds, counts, metrics and the report: numpy in and out."""
