"""Conversion of weights from other frameworks."""
