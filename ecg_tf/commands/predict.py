"""Predict the classes of one or more ECGs with a run or an export.

The ECGs are files of WFDB, CSV, NumPy, MATLAB, HDF5, EDF, BDF, DICOM, SCP-ECG, HL7 aECG, GE Muse or
Philips: leads in any order, 10 s or longer, sampled at 50 Hz or more. If a record cannot be used,
the command names it, goes on with the others and ends with exit status 1; -verbosity 1 shows the
stack trace.

ecg_tf predict -path_model exports/alexnet ptb-xl/records100/00000/00001_lr
ecg_tf predict -path_model exports/alexnet -sampling_rate 500 -unit uV ecg.csv
ecg_tf predict -path_model exports/alexnet -derive_leads muse.xml

-records predicts all records of a table or a folder on all cores, and writes one file. After an
interruption, the same command predicts the remaining records. Records that cannot be used are
listed in a file beside it, whose name ends in .bad.csv.

ecg_tf predict -path_model exports/alexnet -records table.csv -out predictions.csv

-beam_runner does so on a cluster, which has to see the folders at the same paths.
"""

import sys
import traceback

from absl import flags

from ecg_tf.commands import app
from ecg_tf.commands.beam_flags import define_beam_flags
from ecg_tf.errors import InputError, RecordError, quoted

_MODEL = app.define_path(
    "path_model", None, "run folder, export, pretrained:NAME or hf://OWNER/NAME", required=True
)
_JSON = flags.DEFINE_bool("json", False, "print one line of JSON for each prediction")
_RECORDS = app.define_path(
    "records", None, "folder of ECGs, or CSV file with their paths in a column named record"
)
_OUT = app.define_path(
    "out",
    None,
    "folder to write a picture of each ECG with its prediction to; with -records, the file to "
    "write, which ends in .csv or .parquet",
)
_READING = app.define_reading_flags()
_BEAM = define_beam_flags()


def main(argv):
    from ecg_tf.data.ecg_files.file_kinds import takes_statements
    from ecg_tf.predict.predictor import Predictor
    from ecg_tf.predict.records import predict_records

    records, how = argv[1:], _READING()
    if _RECORDS.value is not None:
        return _predict_all(records, how)
    if flags.FLAGS.beam_runner is not None:
        raise InputError("-beam_runner: only with -records")
    if not records:
        raise InputError(
            "no record given, expected the paths of one or more ECGs, or -records for a table or "
            "a folder"
        )
    stated = [name for name in ("sampling_rate", "unit", "lead_names") if how[name] is not None]
    if stated and not any(map(takes_statements, records)):
        raise InputError(
            f"-{' and -'.join(stated)}: only for CSV, NumPy, MATLAB and HDF5 files; files of other "
            "kinds contain their own"
        )
    pictures = None
    if _OUT.value:
        from ecg_tf.predict.pictures import PredictionPictures

        pictures = PredictionPictures(_OUT.value, records)
    status = 0
    for outcome in predict_records(Predictor(_MODEL.value), records, **how):
        if not isinstance(outcome, RecordError):
            print(outcome.json() if _JSON.value else outcome.table(), flush=True)
            outcome = _drawn(pictures, outcome) if pictures else None
        if outcome:
            _print_error(outcome)
            status = 1
    return status


def _predict_all(arguments, how):
    """Predict a table or a folder into one file."""
    from ecg_tf.predict.predict_all import predict_all

    if arguments:
        raise InputError(f"{quoted(arguments[0], 60)}: expected either records or -records")
    if _OUT.value is None or _JSON.value:
        raise InputError("-records: expected -out, a file that ends in .csv or .parquet, no -json")
    beam = _BEAM("path_model", "records", "out")
    written = predict_all(_MODEL.value, _RECORDS.value, _OUT.value, beam=beam, **how)
    print(f"{_OUT.value}: predictions of {written.records} records")
    if written.bad:
        _print_error(RecordError(f"{written.bad_file}: {written.bad} without a prediction"))
    return int(written.bad > 0)


def _drawn(pictures, prediction):
    """Draw the picture of a prediction; returns a RecordError if that fails, otherwise None."""
    from ecg_tf.predict.records import record_error

    try:
        pictures.draw(prediction)
    except Exception as error:  # of any kind: the other records are still predicted
        return record_error(f"{prediction.window.name}: no picture", error)
    return None


def _print_error(error):
    if flags.FLAGS.verbosity > 0 and error.__cause__:
        traceback.print_exception(error.__cause__)
    print(f"error: {error}", file=sys.stderr)


main.takes_arguments = True
