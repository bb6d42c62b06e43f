"""What happens between epochs."""

import io

import keras
from matplotlib.figure import Figure

from ecg_tf.files import write_atomically


class SaveBest(keras.callbacks.Callback):
    """Writes the bare network into the run folder whenever the dev loss is the lowest so far.

    Args:
        run: the `RunFolder`.
        network: the network in training.
        float32_network: one of the same shape under the float32 policy, which is what is saved.
    """

    def __init__(self, run, network, float32_network):
        super().__init__()
        self._run = run
        self._network = network
        self._float32_network = float32_network
        self._best = float("inf")

    def on_epoch_end(self, epoch, logs=None):
        if logs["val_loss"] < self._best:
            self._best = logs["val_loss"]
            self._float32_network.set_weights(self._network.get_weights())
            self._run.save_network(self._float32_network)


class PlotLoss(keras.callbacks.Callback):
    """Draws loss.png: the losses of all epochs so far.

    Args:
        run: the `RunFolder`, whose history.csv is drawn.
    """

    def __init__(self, run):
        super().__init__()
        self._run = run

    def on_epoch_end(self, epoch, logs=None):
        history = self._run.history()
        train, dev = history["loss"], history["val_loss"]
        epochs = range(1, len(train) + 1)
        best = min(range(len(dev)), key=dev.__getitem__)
        about = self._run.about
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
        write_atomically(self._run.path / "loss.png", png.getvalue())
