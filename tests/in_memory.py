"""A source of records that are in memory."""


class InMemory:
    """What `ecg_tf.data.batches.batches` calls a source, of arrays as they are.

    Args:
        values: (record, …), what `take` gives.
    """

    def __init__(self, values):
        self._values = values

    def __len__(self):
        return len(self._values)

    def take(self, k):
        return self._values[k]
