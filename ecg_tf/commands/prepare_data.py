"""Read PTB-XL and store its records ready for training.

ecg_tf prepare_data -ptbxl ptb-xl/1.0.3 -data data/ptb_xl
"""

from absl import flags

from ecg_tf.commands import app
from ecg_tf.data.partitions import DEFAULT_FOLDS

_PTBXL = app.define_path("ptbxl", None, "folder of PTB-XL", required=True)
_DATA = app.define_path("data", None, "folder to write the prepared records to", required=True)
_TRAIN = flags.DEFINE_string(
    "train_folds", DEFAULT_FOLDS["train"], "folds of the train partition, as 1-8 or 1,2,5-7"
)
_DEV = flags.DEFINE_string("dev_folds", DEFAULT_FOLDS["dev"], "folds of the dev partition")
_TEST = flags.DEFINE_string("test_folds", DEFAULT_FOLDS["test"], "folds of the test partition")
_ON_BAD = flags.DEFINE_enum(
    "on_bad_record",
    "fail",
    ["fail", "skip"],
    "what to do about records that cannot be used: fail stops at the first, skip lists them and "
    "leaves them out",
)


def main(_):
    from ecg_tf.data.prepare import format_summary, prepare

    prepared = prepare(
        _PTBXL.value,
        _DATA.value,
        train_folds=_TRAIN.value,
        dev_folds=_DEV.value,
        test_folds=_TEST.value,
        on_bad_record=_ON_BAD.value,
    )
    print(format_summary(prepared))
