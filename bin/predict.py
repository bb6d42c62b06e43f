#!/usr/bin/env python3
"""What a run or an exported model says of one or more WFDB records.

python bin/predict.py -path_model exports/alexnet ptb-xl/records100/00000/00001_lr
"""

import sys

from absl import flags

from ecg_tf import app
from ecg_tf.errors import InputError, RecordError

_MODEL = flags.DEFINE_string("path_model", None, "a run folder or a SavedModel", required=True)
_JSON = flags.DEFINE_bool("json", False, "one line of JSON for each record")


def main(argv):
    from ecg_tf.export.prediction import Predictor, predict_record

    if not argv[1:]:
        raise InputError("no record: name one or more WFDB records, without their ending")
    predictor = Predictor(_MODEL.value)
    status = 0
    for name in argv[1:]:
        try:
            prediction = predict_record(predictor, name)
        except RecordError as error:
            print(f"error: {error}", file=sys.stderr)
            status = 1
        else:
            print(prediction.json() if _JSON.value else prediction.table())
    return status


main.takes_arguments = True

if __name__ == "__main__":
    app.run(main)
