"""What ecg_tf reads: each kind of input, undamaged, and the function that reads it."""

from fuzz.kinds import data_sets, records, runs, settings

KINDS = {
    kind.name: kind for module in (records, settings, data_sets, runs) for kind in module.KINDS
}
