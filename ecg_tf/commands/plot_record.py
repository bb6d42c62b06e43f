"""Draw a record: its leads, and the images that are made of them.

ecg_tf plot_record ptb-xl/records100/00000/00001_lr -out record.png
"""

from absl import flags

from ecg_tf.commands import app
from ecg_tf.errors import InputError
from ecg_tf.leads import DEFAULT_LEADS, MILLIVOLT
from ecg_tf.preprocessing import CHANNELS

_OUT = app.define_path("out", None, "PNG file to write", required=True)
_LEADS = flags.DEFINE_list("leads", list(DEFAULT_LEADS), "leads shown, in order")
_CHANNELS = flags.DEFINE_list("channels", list(CHANNELS), "images of each lead, in order")
_RATE = flags.DEFINE_float("sampling_rate", None, "Hz, of a CSV file that does not say it")
_UNIT = flags.DEFINE_enum("unit", None, list(MILLIVOLT), "of a CSV file that does not say it")


def main(argv):
    from ecg_tf.describe.record_picture import plot_record

    if len(argv) != 2:
        raise InputError("expected one WFDB record or CSV file")
    plot_record(
        argv[1],
        _OUT.value,
        leads=_LEADS.value,
        channels=_CHANNELS.value,
        sampling_rate=_RATE.value,
        unit=_UNIT.value,
    )


main.takes_arguments = True
