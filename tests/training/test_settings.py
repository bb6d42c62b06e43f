import dataclasses

import pytest

from ecg_tf.errors import InputError
from ecg_tf.training.settings import Settings

GOOD = Settings(model="alexnet", data="data", path_save_model="run")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("batch_size", 0),
        ("learning_rate", 0.0),
        ("learning_rate", -0.1),
        ("learning_rate", float("nan")),
        ("learning_rate", float("inf")),
        ("l2_decay", -1e-3),
        ("l2_decay", float("inf")),
        ("epochs", 10**7),
        ("seed", 2**32),
        ("nb_filters", 10_000),
        ("hidden_size", 30_000),
        ("num_layers", 1000),
        ("clip_norm", float("inf")),
        ("mixup", float("inf")),
        ("statement_weight", float("inf")),
        ("patience", 0),
        ("seed", -1),
        ("dropout", 1.0),
        ("dropout", -0.1),
        ("nb_filters", 0),
        ("image_size", 0),
        ("image_size", 1001),
        ("gpu_id", -1),
        ("hidden_size", 0),
        ("num_layers", 0),
        ("window_seconds", 0.4),
        ("window_seconds", 10.1),
        ("scaling", "volt"),
        ("plateau_patience", 0),
        ("clip_norm", 0.0),
        ("mixup", 0.0),
        ("statement_weight", 0.0),
        ("sliding_seconds", 0.4),
        ("sliding_seconds", 10.5),
        ("teacher_runs", ()),
        ("teacher_runs", ("a", "")),
        ("ema_momentum", 0.0),
        ("ema_momentum", 1.0),
        ("teacher_share", 0.0),
        ("teacher_share", 1.1),
        ("schedule", "linear"),
        ("strategy", "tpu"),
        ("warmup_epochs", 1.0),  # of a constant rate
        ("optimizer", "lion"),
        ("image_backend", "cv2"),
        ("mixed_precision", "int8"),
        ("leads", ("I", "X")),
        ("leads", ()),
        ("channels", ("gaf", "gaf")),
        ("channels", ("stft",)),
    ],
)
def test_a_value_out_of_range_is_refused_by_its_flags_name(name, value):
    with pytest.raises(InputError, match=name.removesuffix("s")):
        dataclasses.replace(GOOD, **{name: value})


def test_the_flagfile_has_every_flag_that_is_set():
    text = dataclasses.replace(GOOD, leads=["V1", "II"], dropout=0.25).flagfile()
    assert "--leads=V1,II\n" in text
    assert "--dropout=0.25\n" in text
    assert "--learning_rate=0.01\n" in text
    assert "nb_filters" not in text  # the network's own default


def test_a_warm_up_ends_before_training_does():
    assert dataclasses.replace(GOOD, schedule="cosine", epochs=3, warmup_epochs=2.5)
    with pytest.raises(InputError, match="warmup_epochs 4: expected 0 to 3"):
        dataclasses.replace(GOOD, schedule="cosine", epochs=3, warmup_epochs=4)
