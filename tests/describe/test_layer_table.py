import functools

import pytest

from ecg_tf.describe.layer_table import format_layer_table, layer_table
from ecg_tf.models import (
    MODELS,
    alexnet,
    bigru,
    bilstm,
    build,
    find,
    gru,
    gru_attention,
    resnet,
)


def summed(rows):
    """(parameters, trained, statistics) of a whole network."""
    outer = [row for row in rows if row.depth == 0]
    return tuple(sum(getattr(r, name) for r in outer) for name in SUMS)


SUMS = ("parameters", "trained", "statistics")
SIZE = 67  # the smallest images of AlexNet


@functools.cache
def small(name):
    """A small network of this name, which tests must not change."""
    size = (
        {"nb_filters": 2, "sliding_seconds": 2}
        if name in ("resnet1d", "s4")
        else {"hidden_size": 3}
    )
    signal = {"input_shape": (1000, 1), "classes": 4, **size}
    image = {"input_shape": (SIZE, SIZE, 3), "classes": 4, "nb_filters": 2}
    if find(name).input_kind == "ecg":
        backbone = resnet if name == "late_fusion" else alexnet
        return build(name, signal=bigru(**signal), image=backbone(**image))
    return build(name, **{"signal": signal, "image": image}[find(name).input_kind])


@pytest.mark.parametrize(
    ("network", "parameters", "statistics"),
    [
        (lambda: alexnet(nb_filters=8), 46_334_468, 0),
        # A mean and a variance for each of 6640 normalised channels.
        (resnet, 1_494_356, 2 * 6640),
        (gru, 249_732, 0),
        (bigru, 399_620, 0),
        (gru_attention, 399_877, 0),
        (bilstm, 532_484, 0),
    ],
)
def test_counts_are_the_published_ones(network, parameters, statistics):
    rows = layer_table(network())
    assert summed(rows) == (parameters, parameters, statistics)
    text = format_layer_table(rows)
    assert f"{parameters:,} parameters, all of them trained" in text
    assert (f"{statistics:,} batch statistics" in text) == bool(statistics)


@pytest.mark.parametrize("name", MODELS)
def test_rows_agree_with_keras(name):
    network = small(name)
    rows = layer_table(network)
    parameters, trained, statistics = summed(rows)
    assert parameters + statistics == network.count_params()
    assert trained == sum(weight.numpy().size for weight in network.trainable_weights)
    outer = {row.name: row for row in rows if row.depth == 0}
    for layer in network.layers:
        row = outer[layer.name]
        assert row.shape == tuple(layer.output.shape[1:]), layer.name
        assert row.parameters + row.statistics == layer.count_params(), layer.name


@pytest.mark.parametrize("name", MODELS)
def test_inner_rows_add_up_to_the_row_above_them(name):
    rows = layer_table(small(name))
    for number, row in enumerate(rows):
        inner = []
        for below in rows[number + 1 :]:
            if below.depth <= row.depth:
                break
            if below.depth == row.depth + 1:
                inner.append(below)
        for column in SUMS if inner else ():
            total = sum(getattr(below, column) for below in inner)
            assert total == getattr(row, column), (row.name, column)


def test_each_layer_comes_after_what_it_needs():
    names = [row.name for row in layer_table(small("late_fusion")) if row.depth == 0]
    assert names[:3] == ["ecg", "filtered", "signal"]
    assert names.index("bigru") < names.index("image") < names.index("resnet")
    assert names.index("resnet") < names.index("probabilities") < names.index("logits")


def test_frozen_backbones_are_listed_as_not_trained():
    rows = layer_table(small("late_fusion"))
    backbones = [row for row in rows if row.kind == "network, frozen"]
    assert [row.name for row in backbones] == ["bigru", "resnet"]
    assert all(row.parameters > 0 == row.trained for row in backbones)
    inner = {row.name for row in rows if row.depth == 1}
    assert {"gru2", "conv1", "stage4_block3"} <= inner
    assert {row.name for row in rows if row.depth == 2} >= {"forward_gru1", "backward_gru2"}


def test_backbones_of_joint_fusion_are_trained():
    rows = layer_table(small("joint_fusion"))
    parameters, trained, _ = summed(rows)
    assert parameters == trained
    assert [row.kind for row in rows if row.name in ("bigru", "alexnet")] == ["network"] * 2


def test_kinds_say_what_layers_do():
    kinds = {row.name: row.kind for row in layer_table(small("alexnet"))}
    assert kinds["conv1"] == "conv 11×11 / 4, ReLU"
    assert kinds["conv5"] == "conv 3×3"
    kinds = [row.kind for row in layer_table(bigru(dropout=0.25, hidden_size=3))]
    kinds += [row.kind for row in layer_table(bilstm(hidden_size=3))]
    assert "bidirectional LSTM 3" in kinds
    assert {"bidirectional GRU 3", "dropout 0.25", "x[:, -1, :3]", "x[:, 0, 3:]"} <= set(kinds)


def test_text_is_aligned():
    lines = format_layer_table(layer_table(small("resnet"))).splitlines()
    table = lines[: lines.index("")]
    start = table[0].index("output")
    assert all(line[start - 1] == " " != line[start] for line in table)
    ends = {len(line) for line in table if "batch norm" in line}
    assert ends == {len(table[0])}
