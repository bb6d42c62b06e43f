"""Turns a finished run into a shipped network: float16 weights, a card, and tables of the cards."""
