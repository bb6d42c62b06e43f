import pytest
from ptb_xl_copy import copy_few


@pytest.fixture
def folder(simulated_folder, tmp_path):
    """The first 22 simulated records, for a test to change."""
    path = tmp_path / "ptbxl"
    copy_few(simulated_folder, path)
    return path
