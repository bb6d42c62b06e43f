"""Make the mean of trained networks a network of its own.

ecg_tf ensemble -members runs/seed_1,runs/seed_2,runs/seed_3 -data data/ptb_xl \
    -path_save_model runs/ensemble

Nothing is trained: the logits are the means of those of the members. The thresholds are chosen on
the dev partition of -data. The folder is that of a run: evaluate, compare, predict and export it,
or let it teach a smaller network (ecg_tf train -teacher_runs runs/ensemble).
"""

from ecg_tf.commands import app

_MEMBERS = app.define_paths(
    "members",
    None,
    "two or more run folders, pretrained:NAME or hf://OWNER/NAME, with the same classes and input",
    required=True,
)
_DATA = app.define_path(
    "data",
    None,
    "prepared or packed records, or an image tree, to choose the thresholds on its dev partition",
    required=True,
)
_RUN = app.define_path("path_save_model", None, "run folder to write", required=True)


def main(_):
    from ecg_tf.runs.ensemble import make_ensemble

    run = make_ensemble(_MEMBERS.value, _RUN.value, _DATA.value)
    print(f"finished: {run.path}")
