"""Batches of examples, as each Keras backend takes them."""
