"""The kinds of inputs: functions that write each undamaged input and read it by ecg_tf."""

from fuzz.kinds import data_sets, records, runs, settings

KINDS = {
    kind.name: kind for module in (records, settings, data_sets, runs) for kind in module.KINDS
}
