"""Fusions of shipped networks, whose weights are shipped once."""

import hashlib
import json
import shutil

import numpy as np
import pytest
from untrained import untrained_run

from ecg_tf.errors import InputError
from ecg_tf.pretrained import shipped
from ecg_tf.runs.run_folder import RunFolder
from ecg_tf.shipping.run_copy import copy_run

pytestmark = pytest.mark.usefixtures("few_blocks")
SHIPPED = "pretrained:tiny"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of shipped networks, with one GRU."""
    monkeypatch.setattr(shipped, "FOLDER", tmp_path / "shipped")
    shipped.FOLDER.mkdir()
    run = untrained_run(tmp_path / "gru", "gru", hidden_size=4, num_layers=1)
    tiny = copy_run(run, shipped.FOLDER / "tiny").path
    digests = {
        file.name: {"sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
        for file in tiny.iterdir()
    }
    (tiny / shipped.CARD).write_text(json.dumps({"files": digests}))
    return shipped.FOLDER


@pytest.fixture
def fusion(folder, tmp_path):
    """A run that fuses the shipped GRU and an image network that is not shipped."""
    image = untrained_run(tmp_path / "band", "band_resnet", nb_filters=2)
    run = untrained_run(
        tmp_path / "fusion",
        "weighted_fusion",
        signal_run=SHIPPED,
        image_run=str(image.path),
    )
    about = run.metadata.to_json()
    about["trunks"]["signal"]["name"] = SHIPPED
    about["trunks"]["image"]["name"] = "band"
    (run.path / "about.json").write_text(json.dumps(about))
    return run


def sources(run):
    return {branch: backbone.weights for branch, backbone in run.metadata.backbones.items()}


def test_a_fusion_reads_a_shipped_backbone_from_its_own_folder(fusion, tmp_path):
    whole = copy_run(fusion, tmp_path / "whole")
    shared = copy_run(fusion, tmp_path / "shared", share_backbones=True)
    assert sources(whole) == {"signal": None, "image": None}
    assert sources(shared) == {"signal": SHIPPED, "image": None}
    assert shared.model_file.stat().st_size < whole.model_file.stat().st_size
    for found, expected in zip(
        shared.network().get_weights(), whole.network().get_weights(), strict=True
    ):
        np.testing.assert_array_equal(found, expected)
    theirs = RunFolder.open(SHIPPED).network().get_weights()
    ours = shared.network().get_layer("gru").layer.get_weights()
    for found, expected in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_copy_for_others_holds_all_weights_again(fusion, folder, tmp_path):
    shared = copy_run(fusion, tmp_path / "shared", share_backbones=True)
    expected = shared.network().get_weights()
    published = copy_run(shared, tmp_path / "published")
    shutil.rmtree(folder)
    assert sources(published) == {"signal": None, "image": None}
    for found, wanted in zip(published.network().get_weights(), expected, strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_a_backbone_with_other_weights_than_the_shipped_one_is_copied(fusion, tmp_path):
    network = fusion.network()
    gru = network.get_layer("gru").layer
    gru.set_weights([weight + 1 for weight in gru.get_weights()])
    fusion.save_network(network)
    copy = copy_run(fusion, tmp_path / "copy", share_backbones=True)
    assert sources(copy) == {"signal": None, "image": None}
    for found, expected in zip(
        copy.network().get_layer("gru").layer.get_weights(), gru.get_weights(), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-3)


def test_a_shipped_backbone_that_is_damaged_or_gone_is_named(fusion, folder, tmp_path):
    shared = copy_run(fusion, tmp_path / "shared", share_backbones=True)
    (folder / "tiny/model.keras").write_bytes(b"other")
    with pytest.raises(InputError, match=r"tiny/model\.keras: SHA-256 .*, expected"):
        shared.network()
    shutil.rmtree(folder / "tiny")
    with pytest.raises(InputError, match="pretrained:tiny: no network is shipped"):
        shared.network()
    about = shared.metadata.to_json()
    about["trunks"]["signal"]["weights"] = "runs/gru"
    (shared.path / "about.json").write_text(json.dumps(about))
    with pytest.raises(InputError, match=r"signal backbone's weights .*runs/gru.*pretrained:NAME"):
        shared.network()
