"""Predictions for raw ECGs."""
