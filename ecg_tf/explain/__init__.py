"""Explanations of predictions: which parts of an ECG influenced a network."""
