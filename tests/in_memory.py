"""A source of records in memory."""


class InMemory:
    """A source for `ecg_tf.data.batches.batches` that returns the rows of an array.

    Args:
        values: array (record, …).
    """

    def __init__(self, values):
        self._values = values

    def __len__(self):
        return len(self._values)

    def take(self, k):
        return self._values[k]
