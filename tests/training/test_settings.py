import dataclasses
import re
import subprocess
import sys

import pytest

from ecg_tf.errors import InputError
from ecg_tf.training.settings import Settings, settings_markdown

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
        ("image_size", 60_001),
        ("gpu_id", -1),
        ("hidden_size", 0),
        ("num_layers", 0),
        ("window_seconds", 0.4),
        ("window_seconds", 60.1),
        ("scaling", "volt"),
        ("plateau_patience", 0),
        ("clip_norm", 0.0),
        ("mixup", 0.0),
        ("statement_weight", 0.0),
        ("sliding_seconds", 0.4),
        ("sliding_seconds", 60.5),
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
def test_a_value_out_of_range_is_refused(name, value):
    with pytest.raises(InputError, match=name.removesuffix("s")):
        dataclasses.replace(GOOD, **{name: value})


def test_the_flagfile_lists_every_flag_that_is_set():
    text = dataclasses.replace(GOOD, leads=["V1", "II"], dropout=0.25).flagfile()
    assert "--leads=V1,II\n" in text
    assert "--dropout=0.25\n" in text
    assert "--learning_rate=0.01\n" in text
    assert "nb_filters" not in text  # the network's own default


def test_the_warm_up_is_no_longer_than_training():
    assert dataclasses.replace(GOOD, schedule="cosine", epochs=3, warmup_epochs=2.5)
    with pytest.raises(InputError, match="warmup_epochs 4: expected 0 to 3"):
        dataclasses.replace(GOOD, schedule="cosine", epochs=3, warmup_epochs=4)


def test_sliding_windows_are_no_longer_than_the_training_windows():
    assert dataclasses.replace(GOOD, window_seconds=2.5, sliding_seconds=2.5)
    with pytest.raises(InputError, match=r"sliding_seconds 5: expected 0\.5 to 2\.5"):
        dataclasses.replace(GOOD, window_seconds=2.5, sliding_seconds=5)


@pytest.fixture(scope="module")
def help_of_train():
    """What `ecg_tf train -help` prints, a space between all words."""
    command = [sys.executable, "-m", "ecg_tf", "train", "-help"]
    return " ".join(subprocess.run(command, capture_output=True, text=True).stdout.split())


@pytest.mark.parametrize("field", dataclasses.fields(Settings), ids=lambda field: field.name)
def test_flag_docstring_and_table_describe_a_setting_alike(field, help_of_train):
    text = field.metadata["help"]
    flag = rf"--(\[no\])?{field.name}: (<[a-z0-9_|]+>: )?{re.escape(text)} "
    assert re.search(flag, help_of_train)
    assert f" {field.name}: {text}." in " ".join(Settings.__doc__.split())
    (row,) = [row for row in settings_markdown().splitlines() if f"`-{field.name}`" in row]
    assert row.endswith(f"| {text} |")


def test_the_table_states_defaults_and_values():
    rows = settings_markdown().splitlines()
    assert "| `-model` | required | text | name of the network |" in rows
    assert any(row.startswith("| `-optimizer` | sgd | sgd, adam, adamw | ") for row in rows)
    assert any(row.startswith("| `-seed` | 42 | whole number, 0 to 4294967295 | ") for row in rows)
    assert any(row.startswith("| `-augment` | false | true, false | ") for row in rows)
    assert any(row.startswith("| `-leads` | I,II,V2 | comma-separated list | ") for row in rows)
    assert any(row.startswith("| `-teacher_runs` | – | comma-separated paths | ") for row in rows)


def test_settings_need_no_framework():
    code = (
        "import sys, ecg_tf.training.settings\n"
        "assert not {'keras', 'tensorflow', 'jax', 'torch', 'scipy'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
