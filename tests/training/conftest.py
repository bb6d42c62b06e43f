"""Trainings inside a test are not compiled by XLA, which takes ten seconds to save one.

Runs that fixtures train, and tests marked `xla`, are compiled where users' runs are.
"""

import dataclasses

import pytest

from ecg_tf.models.registry import MODELS


@pytest.fixture(autouse=True)
def _no_xla(request, monkeypatch):
    if not request.node.get_closest_marker("xla"):
        for name, entry in MODELS.items():
            monkeypatch.setitem(MODELS, name, dataclasses.replace(entry, xla_on_cpu=False))
