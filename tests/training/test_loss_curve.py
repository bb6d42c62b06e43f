"""loss.png shows on one axis only what can be compared."""

import types

import numpy as np
import pytest
from matplotlib.figure import Figure

from ecg_tf.training.loss_curve import plot_loss


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"augment": "True", "window_seconds": "2.5", "dropout": "0.3"}, None),
        ({"statement_weight": "0.1"}, "plus 0.1 × that of each SCP statement"),
        ({"mixup": "0.4"}, "of the mixed labels"),
        ({"teacher_runs": "a,b", "teacher_share": "0.7"}, "softened by teachers, share 0.7"),
    ],
)
def test_train_and_dev_share_an_axis_only_for_the_same_loss(flags, words, tmp_path, monkeypatch):
    drawn = []
    save = Figure.savefig
    monkeypatch.setattr(
        Figure, "savefig", lambda self, *a, **k: (drawn.append(self), save(self, *a, **k))
    )
    history = {"loss": [0.9, 0.8, 0.7], "val_loss": [0.4, 0.2, 0.3]}
    metadata = types.SimpleNamespace(model="gru", simulated=False)
    plot_loss(
        types.SimpleNamespace(
            path=tmp_path, history=lambda: history, metadata=metadata, flags=flags
        )
    )
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")
    axes = drawn[0].axes
    train, dev = axes[0], axes[-1]
    assert len(axes) == (1 if words is None else 2)
    np.testing.assert_array_equal(train.lines[0].get_ydata(), history["loss"])
    *_, of_dev, best = dev.lines
    np.testing.assert_array_equal(of_dev.get_ydata(), history["val_loss"])
    assert (best.get_xdata(), best.get_ydata()) == ([2], [0.2])
    assert words is None or words in train.get_title()
