"""Runs compared on the same records: the differences, the answers, and the report of them."""
