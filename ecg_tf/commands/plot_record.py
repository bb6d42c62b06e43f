"""Draw the leads of a record and the images made of them.

ecg_tf plot_record ptb-xl/records100/00000/00001_lr -out record.png
"""

from absl import flags

from ecg_tf.commands import app
from ecg_tf.errors import InputError
from ecg_tf.leads import DEFAULT_LEADS
from ecg_tf.preprocessing import CHANNELS

_OUT = app.define_path("out", None, "PNG file to write", required=True)
_LEADS = flags.DEFINE_list("leads", list(DEFAULT_LEADS), "leads to draw, in order")
_CHANNELS = flags.DEFINE_list("channels", list(CHANNELS), "image types of each lead, in order")
_READING = app.define_reading_flags()


def main(argv):
    from ecg_tf.describe.record_picture import plot_record

    if len(argv) != 2:
        raise InputError("expected the path of one ECG")
    plot_record(
        argv[1],
        _OUT.value,
        leads=_LEADS.value,
        channels=_CHANNELS.value,
        **_READING(),
    )


main.takes_arguments = True
