#!/usr/bin/env python3
"""Draw which parts of a WFDB record moved a network towards a class.

python bin/explain.py ptb-xl/records100/00000/00001_lr -path_model runs/gru -class MI -out why.png
"""

from absl import flags

from ecg_tf import app
from ecg_tf.errors import InputError

_MODEL = app.define_path("path_model", None, "a run folder or pretrained:NAME", required=True)
_CLASS = flags.DEFINE_string("class", None, "the class to explain, such as MI", required=True)
_OUT = app.define_path("out", None, "PNG file to write", required=True)


def main(argv):
    from ecg_tf.explain.record import explain_record

    if len(argv) != 2:
        raise InputError("expected one WFDB record, without its ending")
    explain_record(argv[1], _MODEL.value, _CLASS.value, _OUT.value)


main.takes_arguments = True

if __name__ == "__main__":
    app.run(main)
