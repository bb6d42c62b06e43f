"""Compare runs on the same records: do images beat the signal, and does fusion help?

ecg_tf compare -runs runs/gru,runs/alexnet,runs/late_fusion -data data/ptb_xl -report report
ecg_tf compare -runs runs/gru,runs/resnet1d,runs/band_resnet -data data/ptb_xl \
    -ensembles resnet1d+gru,resnet1d+band_resnet

The output is a table of the runs, and whether images beat the signal, whether each fusion is better
than its own branches (give these, too) and whether the best fusion is better than the best single
network. -ensembles adds means of some of the runs, as a control of fusions: any two networks may
gain from each other. The report adds the difference of each pair with its interval and
corrected p-value, and explains each number.
"""

from absl import flags

from ecg_tf.commands import app

_RUNS = app.define_paths(
    "runs", None, "two or more run folders, pretrained:NAME or hf://OWNER/NAME", required=True
)
_DATA = app.define_path("data", None, "prepared or packed records, or an image tree", required=True)
_PARTITION = flags.DEFINE_enum(
    "partition", "test", ["test", "dev"], "partition to compare the runs on"
)
_ENSEMBLES = flags.DEFINE_list(
    "ensembles",
    [],
    "means of the logits of some of the runs, to compare as well: names of runs, as the table "
    "shows them, joined by +; several separated by commas",
)
_REPORT = app.define_path(
    "report",
    None,
    "folder to write comparison.html, comparison.md, runs.svg and comparison.json to",
)
_ALLOW_SEEN = flags.DEFINE_bool(
    "allow_seen",
    False,
    "compare runs also on records that they were trained on or chosen by; the report says so",
)


def main(_):
    from ecg_tf.places import check_folder
    from ecg_tf.reports.comparison.markdown import format_comparison
    from ecg_tf.reports.comparison.report import write_comparison
    from ecg_tf.runs.compare import compare

    if _REPORT.value:
        check_folder(_REPORT.value)
    comparison = compare(
        _RUNS.value, _DATA.value, _PARTITION.value, _ALLOW_SEEN.value, _ENSEMBLES.value
    )
    if _REPORT.value:
        write_comparison(_REPORT.value, comparison)
    print(format_comparison(comparison))
    if _REPORT.value:
        print(f"\nreport: {_REPORT.value}/comparison.html")
