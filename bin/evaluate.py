#!/usr/bin/env python3
"""Evaluate a run: the confusion table of every class, and the metrics.

python bin/evaluate.py -path_model runs/alexnet -data data/ptb_xl -partition test -report reports/a
"""

from absl import flags

from ecg_tf import app
from ecg_tf.data.partitions import PARTITIONS

_RUN = flags.DEFINE_string("path_model", None, "a run folder", required=True)
_DATA = flags.DEFINE_string("data", None, "prepared records, or an image tree", required=True)
_PARTITION = flags.DEFINE_enum("partition", "test", PARTITIONS, "the records evaluated")
_REPORT = flags.DEFINE_string("report", None, "folder for confusion.csv and report.json")


def main(_):
    from ecg_tf.evaluation.report import format_confusion, format_metrics, write_report
    from ecg_tf.training.evaluate import evaluate

    summary, about = evaluate(_RUN.value, _DATA.value, _PARTITION.value)
    kind = "simulated records" if about["simulated"] else "records"
    print(f"{about['model']} on {about['records']} {kind} of {about['partition']}")
    print(f"\n{format_confusion(summary)}\n\n{format_metrics(summary)}\n")
    print("NORM: none of the classes. pooled: counts summed over the classes (micro). macro: mean.")
    print(f"Thresholds: {about['thresholds']}.")
    if _REPORT.value:
        write_report(_REPORT.value, summary, about)
        print(f"report: {_REPORT.value}")


if __name__ == "__main__":
    app.run(main)
