"""Simulate ECGs and write them in the form of PTB-XL, to try ecg_tf without the real data.

ecg_tf simulate -out data/simulated -records 600 -seed 42

From 1000 records on, all cores simulate. Rerun the same command to resume a simulation that was
stopped.
"""

from absl import flags

from ecg_tf.commands import app
from ecg_tf.data.synthetic.ptb_xl_folder import MIN_RECORDS, write_folder

_OUT = app.define_path("out", None, "folder to write; missing or empty", required=True)
_RECORDS = flags.DEFINE_integer(
    "records",
    600,
    "number of records; with about 120 or more, every fold contains every class",
    lower_bound=MIN_RECORDS,
)
_SEED = flags.DEFINE_integer(
    "seed", 42, "random seed; another seed gives other records", lower_bound=0
)


def main(_):
    write_folder(_OUT.value, records=_RECORDS.value, seed=_SEED.value)
