"""Read PTB-XL or other records and store them ready for training.

ecg_tf prepare_data -ptbxl ptb-xl/1.0.3 -data data/ptb_xl
ecg_tf prepare_data -records table.csv -data data/mine
ecg_tf prepare_data -challenge training/georgia -data data/georgia

-beam_runner prepares on a cluster, which has to see the folders at the same paths.
"""

from absl import flags

from ecg_tf.commands import app
from ecg_tf.commands.beam_flags import define_beam_flags
from ecg_tf.data.description import FILE_FORMATS
from ecg_tf.data.partitions import DEFAULT_FOLDS
from ecg_tf.data.tasks import TASKS
from ecg_tf.errors import InputError
from ecg_tf.leads import LEADS, MILLIVOLT, SAMPLES, SAMPLING_RATE

_PTBXL = app.define_path("ptbxl", None, "folder of PTB-XL")
_RECORDS = app.define_path(
    "records", None, "CSV file with a row for each record: its path, its labels, its patient"
)
_CHALLENGE = app.define_path(
    "challenge", None, "folder of the PhysioNet/CinC Challenge 2020 or 2021"
)
_DATA = app.define_path("data", None, "folder to write the prepared records to", required=True)
_TASK = flags.DEFINE_enum(
    "task",
    None,
    TASKS,
    "task of the PTB-XL benchmark, whose classes are stored. Default: the four classes MI, STTC, "
    "CD and HYP",
)
_CLASS_SET = flags.DEFINE_enum(
    "class_set",
    "scored",
    ["scored", "superclasses"],
    "classes of the challenge: the 26 that it scores, or MI, STTC, CD and HYP",
)
_KEEP = flags.DEFINE_bool(
    "keep_unlabelled", False, "keep records without a class of the task or of the class set"
)
_CLASSES = flags.DEFINE_list(
    "classes", None, "classes of the table, in order. Default: all of its labels"
)
_SPLIT = flags.DEFINE_string(
    "split",
    None,
    "shares of the train, dev and test partitions, by patient, of a table that does not state "
    "them. Default: 0.8,0.1,0.1",
)
_SEED = flags.DEFINE_integer("seed", 42, "seed of the split", 0)
_TRAIN = flags.DEFINE_string(
    "train_folds", DEFAULT_FOLDS["train"], "folds of the train partition, as 1-8 or 1,2,5-7"
)
_DEV = flags.DEFINE_string("dev_folds", DEFAULT_FOLDS["dev"], "folds of the dev partition")
_TEST = flags.DEFINE_string("test_folds", DEFAULT_FOLDS["test"], "folds of the test partition")
_RATE = flags.DEFINE_integer("sampling_rate", SAMPLING_RATE, "sampling rate to store, Hz")
_SECONDS = flags.DEFINE_float(
    "seconds", SAMPLES / SAMPLING_RATE, "duration to store, the beginning of each record, s"
)
_LEADS = flags.DEFINE_list("leads", list(LEADS), "leads to store")
_NAME = flags.DEFINE_string(
    "name", None, "name of the data set. Default: that of the folder of the table"
)
_FILE_RATE = flags.DEFINE_float(
    "file_sampling_rate",
    None,
    "sampling rate of CSV, NumPy, MATLAB or HDF5 files that do not contain it, Hz",
)
_UNIT = flags.DEFINE_enum(
    "unit", None, list(MILLIVOLT), "unit of such files that do not contain it"
)
_LEAD_NAMES = flags.DEFINE_list(
    "lead_names",
    None,
    "names of the leads, in order, of NumPy, MATLAB or HDF5 files that do not contain them",
)
_DERIVE = flags.DEFINE_bool(
    "derive_leads", False, "compute missing leads III, aVR, aVL and aVF from I and II"
)
_ON_BAD = flags.DEFINE_enum(
    "on_bad_record",
    "fail",
    ["fail", "skip"],
    "what to do about records that cannot be used: fail stops at the first, skip lists them and "
    "leaves them out",
)
_FORMAT = flags.DEFINE_enum(
    "file_format",
    FILE_FORMATS[0],
    FILE_FORMATS,
    "format of the records: tfrecord for records that fit in memory; array_record for more, which "
    "training and evaluation read batch by batch from the disk",
)
_BEAM = define_beam_flags()
_SOURCES = {  # {flag of a data set: further flags that apply to it}
    "ptbxl": {"task", "keep_unlabelled", "train_folds", "dev_folds", "test_folds"},
    "records": {
        *("classes", "split", "seed", "name", "train_folds", "dev_folds", "test_folds"),
        *("file_sampling_rate", "unit", "lead_names", "derive_leads"),
    },
    "challenge": {"class_set", "keep_unlabelled", "split", "seed", "name"},
}


def main(_):
    from ecg_tf.data.prepare import prepare, prepare_table
    from ecg_tf.data.prepare_challenge import prepare_challenge
    from ecg_tf.data.summary import format_summary

    source = _checked_source()
    how = {
        "leads": _LEADS.value,
        "sampling_rate": _RATE.value,
        "seconds": _SECONDS.value,
        "on_bad_record": _ON_BAD.value,
        "beam": _BEAM("ptbxl", "records", "challenge", "data"),
        "file_format": _FORMAT.value,
    }
    folds = {"train_folds": _TRAIN.value, "dev_folds": _DEV.value, "test_folds": _TEST.value}
    split = {"split": _SPLIT.value, "seed": _SEED.value, "data_set": _NAME.value}
    if source == "ptbxl":
        task = {"task": _TASK.value, "keep_unlabelled": _KEEP.value}
        prepared = prepare(_PTBXL.value, _DATA.value, **task, **folds, **how)
    elif source == "challenge":
        chosen = {"class_set": _CLASS_SET.value, "keep_unlabelled": _KEEP.value}
        prepared = prepare_challenge(_CHALLENGE.value, _DATA.value, **chosen, **split, **how)
    else:
        reading = {
            "sampling_rate": _FILE_RATE.value,
            "unit": _UNIT.value,
            "lead_names": _LEAD_NAMES.value,
            "derive_leads": _DERIVE.value,
        }
        prepared = prepare_table(
            _RECORDS.value,
            _DATA.value,
            classes=_CLASSES.value,
            reading=reading,
            **split,
            **folds,
            **how,
        )
    print(format_summary(prepared))


def _checked_source():
    """Return the flag that names the data set, after checking that all other flags apply to it."""
    given = [name for name in _SOURCES if flags.FLAGS[name].value is not None]
    if len(given) != 1:
        raise InputError("-ptbxl, -records and -challenge: expected one of them")
    for name in sorted(set().union(*_SOURCES.values()) - _SOURCES[given[0]]):
        if flags.FLAGS[name].present:
            owners = " or ".join(f"-{owner}" for owner in _SOURCES if name in _SOURCES[owner])
            raise InputError(f"-{name}: only with {owners}, not with -{given[0]}")
    return given[0]
