"""loss.png of a run folder."""

import io

from matplotlib.figure import Figure

from ecg_tf.files import write_atomically

_DEV = "weighted cross-entropy"


def plot_loss(run):
    """Draw loss.png: the losses of all epochs so far.

    Train and dev share an axis where their losses are the same quantity; where training goes by
    other labels, or by more than the classes, each has a panel of its own.

    Args:
        run: the `RunFolder`, whose history.csv is drawn.
    """
    history = run.history()
    train, dev = history["loss"], history["val_loss"]
    epochs = range(1, len(train) + 1)
    best = min(range(len(dev)), key=dev.__getitem__)
    about = run.about
    what_else = _what_else(run.flags)
    figure = Figure(figsize=(7, 6 if what_else else 4.5), layout="constrained")
    figure.suptitle(about["model"] + (" on simulated ECGs" if about["simulated"] else ""))
    if what_else:
        of_train, of_dev = figure.subplots(2, sharex=True)
        of_train.set_ylabel("loss of training")
        of_train.set_title("\n".join([_DEV, *what_else]), fontsize="medium")
        of_dev.set_title(f"{_DEV} of the classes", fontsize="medium")
    else:
        of_train = of_dev = figure.add_subplot()
    of_dev.set(xlabel="epoch", ylabel=_DEV)
    of_train.plot(epochs, train, marker=".", color="C0", label="train (mean over the epoch)")
    of_dev.plot(epochs, dev, marker=".", color="C1", label="dev (after the epoch)")
    of_dev.plot(best + 1, dev[best], "o", mfc="none", ms=10, color="C1", label="saved: best dev")
    for axes in figure.axes:
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.3)
        axes.legend()
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=120)
    write_atomically(run.path / "loss.png", png.getvalue())


def _what_else(flags):
    """What makes the loss of training another quantity than that of dev.

    What changes the inputs alone (augmentation, windows, dropout) does not: the loss is the same
    function of the same labels.

    Args:
        flags: {flag: text} of the run.

    Returns:
        list of str, lines of a title.
    """
    lines = []
    if "teacher_runs" in flags:
        lines.append(f"of labels softened by teachers, share {flags['teacher_share']}")
    if "mixup" in flags:
        lines.append("of the mixed labels of mixed records")
    if "statement_weight" in flags:
        lines.append(f"plus {flags['statement_weight']} × that of each SCP statement")
    return lines
