"""loss.png of a run folder."""

import io

from matplotlib.figure import Figure

from ecg_tf.files import write_atomically


def plot_loss(run):
    """Draw loss.png: the losses of all epochs so far.

    Args:
        run: the `RunFolder`, whose history.csv is drawn.
    """
    history = run.history()
    train, dev = history["loss"], history["val_loss"]
    epochs = range(1, len(train) + 1)
    best = min(range(len(dev)), key=dev.__getitem__)
    about = run.about
    title = about["model"] + (" on simulated ECGs" if about["simulated"] else "")
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.add_subplot(xlabel="epoch", ylabel="weighted cross-entropy", title=title)
    axes.plot(epochs, train, marker=".", label="train (mean over the epoch)")
    axes.plot(epochs, dev, marker=".", label="dev (after the epoch)")
    axes.plot(best + 1, dev[best], "o", mfc="none", ms=10, color="C1", label="saved: best dev")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(alpha=0.3)
    axes.legend()
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=120)
    write_atomically(run.path / "loss.png", png.getvalue())
