"""Write a PTB-XL-shaped folder of simulated ECGs, to try everything without the real data.

ecg_tf simulate -out data/simulated -records 600 -seed 42
"""

from absl import flags

from ecg_tf.commands import app
from ecg_tf.data.synthetic.ptb_xl_folder import MIN_RECORDS, write_folder

_OUT = app.define_path("out", None, "Folder to write: a new one, or an empty one.")
_RECORDS = flags.DEFINE_integer(
    "records",
    600,
    "How many records; from about 120 on, every fold has every class.",
    lower_bound=MIN_RECORDS,
)
_SEED = flags.DEFINE_integer("seed", 42, "Another seed, other records.", lower_bound=0)
flags.mark_flag_as_required("out")


def main(_):
    write_folder(_OUT.value, records=_RECORDS.value, seed=_SEED.value)
