"""Weights of other frameworks for our networks."""
