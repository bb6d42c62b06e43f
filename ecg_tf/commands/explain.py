"""Draw which parts of a record raise a network's score of a class.

ecg_tf explain ptb-xl/records100/00000/00001_lr -path_model runs/gru -class MI -out why.png
"""

from absl import flags

from ecg_tf.commands import app
from ecg_tf.errors import InputError

_MODEL = app.define_path(
    "path_model", None, "run folder, pretrained:NAME or hf://OWNER/NAME", required=True
)
_CLASS = flags.DEFINE_string("class", None, "class to explain, such as MI", required=True)
_OUT = app.define_path("out", None, "PNG file to write", required=True)
_READING = app.define_reading_flags()


def main(argv):
    from ecg_tf.explain.record import explain_record

    if len(argv) != 2:
        raise InputError("expected the path of one ECG")
    explain_record(argv[1], _MODEL.value, _CLASS.value, _OUT.value, **_READING())


main.takes_arguments = True
