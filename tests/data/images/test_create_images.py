"""Images of a partition, computed in parallel and in several runs."""

import dataclasses
import os
import pickle
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from on_terminal import assert_lines
from scipy import signal

from ecg_tf.data.images import create_images as module
from ecg_tf.data.images.create_images import create_images
from ecg_tf.data.images.image_tree import ImageTree
from ecg_tf.data.images.pyts_images import ecg_image
from ecg_tf.data.seen import ecg_hashes
from ecg_tf.data.sources import open_partition
from ecg_tf.data.synthetic import simulate_ecg
from ecg_tf.errors import InputError, RecordError
from ecg_tf.input_spec import InputSpec
from ecg_tf.preprocessing import butterworth

ROOT = Path(__file__).resolve().parents[3]
RECORDS = 24
SMALL = InputSpec("image", ("V2", "I"), channels=("rp", "mtf"), image_size=32)
COLUMNS = [7, 0]


@pytest.fixture(scope="module")
def ecg():
    rng = np.random.default_rng(5)
    return np.stack([simulate_ecg((), rng) for _ in range(RECORDS)])


def write_processed(folder, ecg):
    labels = np.arange(len(ecg) * 4).reshape(-1, 4) % 3 == 0
    for name, content in (("X", ecg), ("y", labels.astype(np.uint8))):
        (folder / f"{name}_dev_processed.pickle").write_bytes(pickle.dumps(list(content)))
    return folder


@pytest.fixture(scope="module")
def processed(ecg, tmp_path_factory):
    return write_processed(tmp_path_factory.mktemp("processed"), ecg)


def files(tree):
    return {str(path.relative_to(tree)): path for path in tree.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def tree(processed, tmp_path_factory):
    """The tree of an uninterrupted run, by threads of this process in place of new processes."""
    folder = tmp_path_factory.mktemp("images") / "tree"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            module, "ProcessPoolExecutor", lambda workers, *_: ThreadPoolExecutor(workers)
        )
        create_images("dev", folder, SMALL, processed=processed)
    return folder


def test_images_are_those_of_pyts(tree, ecg):
    found = ImageTree(tree, "dev")
    assert len(found) == RECORDS
    for k in range(RECORDS):
        expected = ecg_image(ecg[k][:, COLUMNS], SMALL.leads, SMALL.channels, 32)
        np.testing.assert_array_equal(found.read(k), expected)


def test_interrupted_run_is_resumed(tree, processed, tmp_path, monkeypatch):
    class Interrupted(module.Progress):
        written = 0

        def advance(self, items=1, note=""):
            self.written += items
            if self.written == 5:
                raise KeyboardInterrupt

    def slowly(*arguments):  # so that the interruption comes before the last image
        time.sleep(0.1)
        write(*arguments)

    write = module._write_pyts_image
    monkeypatch.setattr(module, "_write_pyts_image", slowly)
    monkeypatch.setattr(
        module, "ProcessPoolExecutor", lambda workers, *_: ThreadPoolExecutor(workers)
    )
    monkeypatch.setattr(module, "Progress", Interrupted)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with pytest.raises(KeyboardInterrupt):
        create_images("dev", tmp_path, SMALL, processed=processed)
    monkeypatch.undo()
    with pytest.raises(InputError, match=r"dev: unfinished: \d+ of 24 images"):
        ImageTree(tmp_path, "dev")
    before = {name: path.stat().st_mtime_ns for name, path in files(tmp_path).items()}
    assert 5 <= sum(name.endswith("npy") for name in before) < RECORDS

    create_images("dev", tmp_path, SMALL, processed=processed)
    after, expected = files(tmp_path), files(tree)
    assert after.keys() == expected.keys()
    for name, path in after.items():
        assert path.read_bytes() == expected[name].read_bytes()
    assert {name: after[name].stat().st_mtime_ns for name in before} == before


def test_finished_tree_is_not_recomputed(tree, processed, monkeypatch):
    monkeypatch.setattr(module, "ecg_image", None)
    assert len(create_images("dev", tree, SMALL, processed=processed)) == RECORDS


def test_tree_of_other_images_is_refused_and_untouched(tree, processed):
    with pytest.raises(InputError, match="its images have size 32, expected 64"):
        create_images("dev", tree, dataclasses.replace(SMALL, image_size=64), processed=processed)


@pytest.mark.parametrize("backend", ["pyts", "keras"])
def test_bad_record_is_named_and_earlier_images_are_kept(ecg, tmp_path, monkeypatch, backend):
    monkeypatch.setattr(os, "cpu_count", lambda: 1)  # one process is enough here
    bad = ecg[:12].copy()
    bad[9, :, 7] = 0.25
    folder = write_processed(tmp_path, bad)
    message = r"X_dev_processed\.pickle, record 9: lead V2 is flat, 0\.25 mV throughout"
    with pytest.raises(RecordError, match=message):
        create_images("dev", tmp_path / "tree", SMALL, processed=folder, image_backend=backend)
    if backend == "pyts":
        with pytest.raises(InputError, match=r"unfinished: \d+ of 12"):
            ImageTree(tmp_path / "tree", "dev")


def test_keras_computes_the_images_of_prepared_records(
    array_record_folder, prepared, tmp_path, monkeypatch
):
    monkeypatch.setattr(module, "_JOBS", 10)
    records = prepared.read("train", SMALL.leads)
    found = create_images("train", tmp_path, SMALL, data=array_record_folder, image_backend="keras")
    assert len(found) == len(records) > 64  # several batches, the last one not full
    np.testing.assert_array_equal(found.labels, records.labels)
    assert found.simulated
    assert found.description.ecg_sha256 == prepared.manifest["ecg_sha256"]["train"]
    np.testing.assert_array_equal(found.ecg_hashes, ecg_hashes(records.ecg))
    on_tree, on_records = (
        open_partition(data, "train", SMALL).ecg_hashes()
        for data in (tmp_path, array_record_folder)
    )
    np.testing.assert_array_equal(on_tree, on_records)
    images = np.stack([found.read(k) for k in range(len(found))])
    expected = np.stack([ecg_image(ecg, SMALL.leads, SMALL.channels, 32) for ecg in records.ecg])
    difference = np.abs(images.astype(int) - expected)
    assert (difference > 0).mean() < 0.01
    assert (difference > 1).mean() < 1e-4


def test_images_in_millivolt_keep_the_amplitude(processed, ecg, tmp_path):
    spec = InputSpec("image", ("I",), channels=("rp",), image_size=1000, scaling="millivolt")
    found = create_images("dev", tmp_path, spec, processed=processed, image_backend="keras")
    assert found.description.scaling == "millivolt"
    squashed = (1 + np.tanh(signal.sosfilt(butterworth(), ecg[3, :, 0].astype(float)))) / 2
    expected = np.floor(255 * np.abs(squashed[:, None] - squashed))
    difference = np.abs(found.read(3)[..., 0] - expected)
    assert (difference > 0).mean() < 0.01
    assert difference.max() <= 1
    with pytest.raises(InputError, match="images have scaling millivolt, expected rec"):
        create_images(
            "dev",
            tmp_path,
            dataclasses.replace(spec, scaling="record"),
            processed=processed,
            image_backend="keras",
        )


@pytest.mark.parametrize(
    ("spec", "options", "message"),
    [
        ({}, {}, "either data or processed"),
        ({}, {"data": "a", "processed": "b"}, "either data or processed"),
        ({}, {"data": "a", "image_backend": "jax"}, "'jax': expected pyts, keras"),
        ({"channels": ("gasf",)}, {"data": "a"}, "channels 'gasf'"),
        ({"scaling": "volt"}, {"data": "a"}, "scaling 'volt': expected record or millivolt"),
        ({"scaling": "millivolt"}, {"data": "a"}, "scaling millivolt: image_backend pyts"),
        ({}, {"processed": "nowhere"}, "nowhere/X_dev_processed.pickle: no such file"),
    ],
)
def test_invalid_arguments_are_refused(tmp_path, spec, options, message):
    with pytest.raises(InputError, match=message):
        create_images("dev", tmp_path / "tree", InputSpec("image", **spec), **options)
    assert not (tmp_path / "tree").exists()


def test_size_larger_than_the_record_is_refused(processed, tmp_path):
    for size in (0, 1001):
        with pytest.raises(InputError, match=f"image_size {size}"):
            create_images(
                "dev",
                tmp_path / "tree",
                dataclasses.replace(SMALL, image_size=size),
                processed=processed,
            )
    assert not (tmp_path / "tree").exists()


def test_command_prints_the_folder_of_the_images(processed, tree):
    command = [
        *(sys.executable, "bin/create_images.py", "-processed", processed, "-partition", "dev"),
        *("-save_dir", f"{tree}/", "-leads", "V2,I", "-channels", "rp,mtf", "-image_size", "32"),
    ]
    result = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == f"{RECORDS} images in {tree}/dev\n"
    assert_lines(result.stderr)


def test_workers_do_not_import_tensorflow():
    code = (
        "import sys, ecg_tf.data.images.create_images; "
        "print({'tensorflow', 'keras'} & set(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout == "set()\n"
