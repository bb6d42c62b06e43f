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
    change_trunks(run, signal={"name": SHIPPED}, image={"name": "band"})
    return run


def change_trunks(run, **changes):
    about = run.metadata.to_json()
    for branch, entries in changes.items():
        about["trunks"][branch] |= entries
    (run.path / "about.json").write_text(json.dumps(about))


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


def test_a_backbone_of_another_training_is_refused(fusion, tmp_path):
    shared = copy_run(fusion, tmp_path / "shared", share_backbones=True)
    change_trunks(shared, signal={"started": "2026-01-31"})
    message = "the training of its signal backbone started at 2026-01-31, that of pretrained:tiny"
    with pytest.raises(InputError, match=message):
        shared.network()


@pytest.mark.parametrize(
    "name", ["runs/gru", "pretrained:", "pretrained:../gru", "pretrained:a\nb", 5]
)
def test_only_shipped_networks_give_weights(name, fusion, tmp_path):
    change_trunks(fusion, signal={"weights": name})
    with pytest.raises(
        InputError, match=r"about\.json: signal backbone's weights .*pretrained:NAME"
    ):
        fusion.network()


def test_only_a_frozen_backbone_is_read_from_elsewhere(fusion):
    about = fusion.metadata.to_json()
    about["trunks"]["signal"]["weights"] = SHIPPED
    about["hyperparameters"]["frozen"] = ["image"]
    (fusion.path / "about.json").write_text(json.dumps(about))
    with pytest.raises(
        InputError, match=r"signal backbone's weights pretrained:tiny: it is not fr"
    ):
        fusion.network()


def test_a_part_of_a_shipped_network_is_copied(folder, tmp_path):
    """An early fusion has no last layer of its backbones."""
    image = untrained_run(tmp_path / "band", "band_resnet", nb_filters=2)
    run = untrained_run(
        tmp_path / "early", "early_fusion", signal_run=SHIPPED, image_run=str(image.path)
    )
    change_trunks(run, signal={"name": SHIPPED}, image={"name": "band"})
    copy = copy_run(run, tmp_path / "copy", share_backbones=True)
    assert sources(copy) == {"signal": None, "image": None}
    assert len(copy.network().weights) == len(run.network().weights)


def test_a_network_that_is_not_shipped_any_more_is_copied(fusion, tmp_path):
    change_trunks(fusion, signal={"name": "pretrained:gone"})
    copy = copy_run(fusion, tmp_path / "copy", share_backbones=True)
    assert sources(copy) == {"signal": None, "image": None}
