"""Evaluate a run: confusion table of each class, metrics and their 95 % confidence intervals.

ecg_tf evaluate -path_model runs/alexnet -data data/ptb_xl -partition test -report reports/a
"""

from absl import flags

from ecg_tf.commands import app
from ecg_tf.commands.tracker_flag import define_tracker
from ecg_tf.data.partitions import PARTITIONS
from ecg_tf.errors import InputError

_RUN = app.define_path(
    "path_model", None, "run folder, pretrained:NAME or hf://OWNER/NAME", required=True
)
_DATA = app.define_path("data", None, "prepared or packed records, or an image tree", required=True)
_PARTITION = flags.DEFINE_enum("partition", "test", PARTITIONS, "partition to evaluate on")
_THRESHOLD = flags.DEFINE_enum(
    "threshold",
    None,
    ["gmean", "youden", "f1", "0.5", "original"],
    "how the thresholds are chosen on the dev partition: by the largest G-mean, Youden's J or F1; "
    "0.5 for each class; original, the study's: by G-mean, rounded to two digits. Default: the "
    "thresholds of the run",
)
_REPORT = app.define_path(
    "report", None, "folder to write report.html, report.json, confusion.csv and predictions.csv to"
)
_ALLOW_SEEN = flags.DEFINE_bool(
    "allow_seen",
    False,
    "evaluate the run also on records that it was trained on or chosen by; the report says so",
)
_MIXED_PRECISION = flags.DEFINE_enum(
    "mixed_precision",
    "none",
    ["none", "bfloat16", "float16"],
    "predict faster, in bfloat16 or float16, on CPUs and GPUs that support it",
)
_TRACKER = define_tracker("add the report to the record of the run in MLflow or Weights & Biases")


def main(_):
    from ecg_tf.places import check_folder
    from ecg_tf.reports.text import format_evaluation
    from ecg_tf.runs.evaluate import evaluate

    if _REPORT.value:
        check_folder(_REPORT.value)
    if _TRACKER.value != "none":
        from ecg_tf.tracking.tracked_run import attach_report, check_is_tracked

        if not _REPORT.value:
            raise InputError(f"tracker {_TRACKER.value}: expected -report FOLDER with it")
        check_is_tracked(_TRACKER.value, _RUN.value)
    evaluation = evaluate(
        _RUN.value,
        _DATA.value,
        _PARTITION.value,
        _THRESHOLD.value,
        _ALLOW_SEEN.value,
        _MIXED_PRECISION.value,
    )
    if _REPORT.value:
        from ecg_tf.reports.report import write_report  # imports matplotlib

        files = write_report(_REPORT.value, evaluation)
    print(format_evaluation(evaluation))
    if _REPORT.value:
        print(f"report: {_REPORT.value}/report.html")
    if _TRACKER.value != "none":
        attach_report(_TRACKER.value, _RUN.value, files, evaluation)
