"""A small copy of the simulated PTB-XL folder, for tests that change or damage it."""

import shutil

import pandas as pd
import pytest

from ecg_tf.data.prepare import prepare
from ecg_tf.errors import InputError

FEW = 22  # records of the copy: 3 and 20 have no superclass, 10 and 21 are dev, 11 and 22 test


def copy_few(simulated_folder, path):
    """Copy the tables and the files of the first 22 records to `path`."""
    (path / "records100/00000").mkdir(parents=True)
    for ecg_id in range(1, FEW + 1):
        for ending in (".hea", ".dat"):
            name = f"records100/00000/{ecg_id:05d}_lr{ending}"
            shutil.copy(simulated_folder / name, path / name)
    shutil.copy(simulated_folder / "scp_statements.csv", path)
    table = (simulated_folder / "ptbxl_database.csv").read_text("utf-8")
    few = table.splitlines(keepends=True)[: FEW + 1]
    (path / "ptbxl_database.csv").write_text("".join(few), "utf-8")


def edit(folder, column, values):
    """Write {ecg_id: value} into a column of the database, as text."""
    path = folder / "ptbxl_database.csv"
    database = pd.read_csv(path, dtype=str, keep_default_na=False)
    for ecg_id, value in values.items():
        database.loc[database["ecg_id"] == str(ecg_id), column] = value
    database.to_csv(path, index=False)


def refused(folder, tmp_path, **options):
    """Return the message of the InputError, after checking that nothing was prepared."""
    with pytest.raises(InputError) as error:
        prepare(folder, tmp_path / "data", **options)
    assert not list((tmp_path / "data").rglob("*"))
    return str(error.value)
