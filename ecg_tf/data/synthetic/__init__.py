"""Simulated ECGs, and a folder of them in the form of PTB-XL."""
