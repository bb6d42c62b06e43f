"""What a run or an exported model says of one or more ECGs.

WFDB records (with a .dat or a .mat file) or CSV files with the leads' names in the first row; any
sampling rate from 50 Hz on, any order of leads, 10 s or longer. An error of one record leaves the
others alone; -verbosity 1 shows where it comes from.

ecg_tf predict -path_model exports/alexnet ptb-xl/records100/00000/00001_lr
ecg_tf predict -path_model exports/alexnet -sampling_rate 500 -unit uV ecg.csv
"""

import itertools
import sys
import traceback

from absl import flags

from ecg_tf.commands import app
from ecg_tf.commands.quiet import startup_lines_hidden
from ecg_tf.errors import InputError, RecordError
from ecg_tf.leads import MILLIVOLT

_MODEL = app.define_path(
    "path_model", None, "a run folder, an export or pretrained:NAME", required=True
)
_JSON = flags.DEFINE_bool("json", False, "one line of JSON for each answer")
_OUT = app.define_path("out", None, "folder for a picture of each ECG with its answer")
_RATE = flags.DEFINE_float("sampling_rate", None, "Hz, of CSV files that do not say it")
_UNIT = flags.DEFINE_enum("unit", None, list(MILLIVOLT), "of CSV files that do not say it")


def main(argv):
    from ecg_tf.data.ecg_files.file_kinds import is_csv
    from ecg_tf.predict.predictor import Predictor
    from ecg_tf.predict.records import predict_records

    records = argv[1:]
    if not records:
        raise InputError("no record: name one or more WFDB records or CSV files")
    if (_RATE.present or _UNIT.present) and not any(map(is_csv, records)):
        raise InputError("-sampling_rate and -unit are of CSV files; a WFDB record says its own")
    pictures = None
    if _OUT.value:
        from ecg_tf.predict.pictures import PredictionPictures

        pictures = PredictionPictures(_OUT.value, records)
    status = 0
    with startup_lines_hidden():  # LiteRT's are printed with its first prediction
        predictor = Predictor(_MODEL.value)
        outcomes = predict_records(predictor, records, _RATE.value, _UNIT.value)
        first = next(outcomes)
    for outcome in itertools.chain([first], outcomes):
        if not isinstance(outcome, RecordError):
            print(outcome.json() if _JSON.value else outcome.table(), flush=True)
            outcome = _drawn(pictures, outcome) if pictures else None
        if outcome:
            _print_error(outcome)
            status = 1
    return status


def _drawn(pictures, prediction):
    """Draws the picture of a prediction; returns the RecordError if that fails."""
    from ecg_tf.predict.records import record_error

    try:
        pictures.draw(prediction)
    except Exception as error:  # the other records go on, whatever it is
        return record_error(f"{prediction.window.name}: no picture", error)
    return None


def _print_error(error):
    if flags.FLAGS.verbosity > 0 and error.__cause__:
        traceback.print_exception(error.__cause__)
    print(f"error: {error}", file=sys.stderr)


main.takes_arguments = True
