"""The six tasks of the PTB-XL benchmark.

References:
    N. Strodthoff et al., "Deep learning for ECG analysis: benchmarks and insights from PTB-XL",
    IEEE J. Biomed. Health Inform. 25(5), 1519-1528 (2021), doi:10.1109/JBHI.2020.3022989.
"""

from ecg_tf.errors import InputError, quoted

CODE = ""  # header of the column of SCP codes in scp_statements.csv
_OF_TASK = {  # {task: (column that is 1 for its codes; column of the classes of its codes)}
    "superdiagnostic": ("diagnostic", "diagnostic_class"),
    "subdiagnostic": ("diagnostic", "diagnostic_subclass"),
    "diagnostic": ("diagnostic", CODE),
    "form": ("form", CODE),
    "rhythm": ("rhythm", CODE),
    "all": (None, CODE),
}
TASKS = tuple(_OF_TASK)
GROUPED = ("superdiagnostic", "subdiagnostic")  # tasks whose classes are groups of codes


def check_task(task):
    """Raise an InputError unless a text is the name of a task."""
    if task not in TASKS:
        raise InputError(f"task {quoted(str(task))}: expected {', '.join(TASKS)}")


def columns_of_task(task):
    """The columns of scp_statements.csv that a task is defined by."""
    return tuple(name for name in _OF_TASK[task] if name)


def classes_of_codes(task, statements):
    """Return the class of every SCP code that belongs to a task.

    Args:
        task: one of `TASKS`.
        statements: the rows of scp_statements.csv, each as {column: text}.

    Returns:
        {code: class}: the superclass, the subclass or the code itself.

    Raises:
        InputError: a cell of the task's columns cannot be used.

    Examples:
        >>> from ecg_tf.data.tasks import classes_of_codes
        >>> rows = [{"": "AFIB", "form": "", "rhythm": "1.0"}, {"": "QWAVE", "form": "1.0"}]
        >>> classes_of_codes("rhythm", rows[:1]), classes_of_codes("all", rows)
        ({'AFIB': 'AFIB'}, {'AFIB': 'AFIB', 'QWAVE': 'QWAVE'})
    """
    chosen_by, class_column = _OF_TASK[task]
    classes = {}
    for number, cells in enumerate(statements, start=1):
        mark = cells[chosen_by] if chosen_by else "1"
        if mark not in ("", "1", "1.0"):
            raise InputError(
                f"row {number} ({cells[CODE]}): {chosen_by} is {quoted(mark)}, expected 1 or "
                "nothing"
            )
        if mark and not cells[class_column]:
            raise InputError(
                f"row {number} ({cells[CODE]}): {class_column} is empty, expected a class"
            )
        if mark:
            classes[cells[CODE]] = cells[class_column]
    return classes


def class_codes(class_of):
    """Return the codes of every class, sorted.

    Args:
        class_of: {code: class} from `classes_of_codes`.

    Examples:
        >>> from ecg_tf.data.tasks import class_codes
        >>> class_codes({"IMI": "MI", "NORM": "NORM", "AMI": "MI"})
        {'MI': ['AMI', 'IMI'], 'NORM': ['NORM']}
    """
    codes = {}
    for code, name in sorted(class_of.items()):
        codes.setdefault(name, []).append(code)
    return codes
