"""The rows of PTB-XL for a task, or at another sampling rate than 100 Hz."""

from ecg_tf.data.ptb_xl.tables import DATABASE, HIGH_RATE, LOW_RATE, read_tables
from ecg_tf.data.tables.rows import Rows
from ecg_tf.data.tasks import GROUPED, class_codes
from ecg_tf.leads import SAMPLING_RATE


def rows_of_ptb_xl(folder, folds, task=None, keep_unlabelled=False, sampling_rate=SAMPLING_RATE):
    """Read the tables of a PTB-XL folder.

    Args:
        folder: pathlib.Path of the folder.
        folds: {partition: its folds}.
        task: one of `ecg_tf.data.tasks.TASKS`. Default: the four classes.
        keep_unlabelled: True to keep the records without a class of the task.
        sampling_rate: Hz. At 100 Hz the records at 100 Hz are read, otherwise those at 500 Hz.

    Returns:
        The `Rows`.

    Raises:
        InputError: a table cannot be used.
    """
    rows, counts, statement_names, class_names, class_of = read_tables(
        folder,
        folds,
        task,
        keep_unlabelled,
        LOW_RATE if sampling_rate == SAMPLING_RATE else HIGH_RATE,
    )
    return Rows(
        data_set="PTB-XL",
        table=folder / DATABASE,
        class_names=class_names,
        rows=rows,
        folds={name: list(its) for name, its in folds.items()},
        counts=counts,
        statement_names=statement_names,
        class_codes=class_codes(class_of) if task in GROUPED else None,
        wanted=f"a {'superclass' if task is None else 'class of the task'} and a chosen fold",
    )
