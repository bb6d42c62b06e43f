"""The plot of the losses in a run folder."""

import io

from matplotlib.figure import Figure

from ecg_tf.files import write_atomically

_DEV = "weighted cross-entropy"


def plot_loss(run):
    """Draw loss.png: the losses on train and dev after each epoch.

    Both curves share an axis if they show the same quantity. If training uses other labels, or more
    than the classes, each has its own panel.

    Args:
        run: the `RunFolder`; its history.csv is drawn.
    """
    history = run.history()
    train, dev = history["loss"], history["val_loss"]
    epochs = range(1, len(train) + 1)
    best = min(range(len(dev)), key=dev.__getitem__)
    metadata = run.metadata
    differences = _differences(run.flags)
    figure = Figure(figsize=(7, 6 if differences else 4.5), layout="constrained")
    figure.suptitle(metadata.model + (" on simulated ECGs" if metadata.simulated else ""))
    if differences:
        of_train, of_dev = figure.subplots(2, sharex=True)
        of_train.set_ylabel("loss of training")
        of_train.set_title("\n".join([_DEV, *differences]), fontsize="medium")
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


def _differences(flags):
    """How the training loss differs from the dev loss as a quantity.

    Augmentation, windows and dropout change the inputs only, so they are not listed: the loss
    remains the same function of the same labels.

    Args:
        flags: {flag: text} of the run.

    Returns:
        list of str, the lines of a title.
    """
    lines = []
    if "teacher_runs" in flags:
        lines.append(f"of labels softened by teachers, share {flags['teacher_share']}")
    if "mixup" in flags:
        lines.append("of the mixed labels of mixed records")
    if "statement_weight" in flags:
        lines.append(f"plus {flags['statement_weight']} × that of each SCP statement")
    return lines
