"""Exports, and prediction from a run or an export."""
