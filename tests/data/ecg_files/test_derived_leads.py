"""The limb leads that are computed from I and II on request."""

import numpy as np
import pytest
from device_files import muse, walk

from ecg_tf.data.any_ecg import read_any, windows
from ecg_tf.data.ecg_files.derived_leads import with_derived_leads
from ecg_tf.data.ecg_files.record import Record
from ecg_tf.errors import RecordError
from ecg_tf.leads import LEADS

EIGHT = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"]


@pytest.fixture
def warnings(monkeypatch):
    said = []
    monkeypatch.setattr("absl.logging.warning", lambda text, *args: said.append(text % args))
    return said


def test_missing_limb_leads_follow_from_the_electrodes(warnings):
    # Potentials of the right arm, the left arm and the left leg, against any reference.
    right, left, leg = np.random.default_rng(0).normal(size=(3, 500))
    middle = (right + left + leg) / 3
    expected = {
        "I": left - right,
        "II": leg - right,
        "III": leg - left,
        "AVR": 1.5 * (right - middle),
        "AVL": 1.5 * (left - middle),
        "AVF": 1.5 * (leg - middle),
    }
    ecg = np.stack([expected["II"], expected["I"], right], axis=1)
    record = Record("r", ecg, ("LEAD II", "I", "V1"), 500.0, simulated=True)
    derived = with_derived_leads(record)
    assert derived.leads == ("LEAD II", "I", "V1", "III", "AVR", "AVL", "AVF")
    for k, name in enumerate(derived.leads[3:], start=3):
        np.testing.assert_allclose(derived.ecg[:, k], expected[name], atol=1e-12)
    assert derived.simulated
    assert warnings == ["r: III AVR AVL AVF computed from I and II"]


def test_leads_of_the_file_are_kept(warnings):
    ecg = np.random.default_rng(0).normal(size=(500, 3))
    record = with_derived_leads(Record("r", ecg, ("I", "AVF", "II"), 500.0, simulated=False))
    np.testing.assert_array_equal(record.ecg[:, :3], ecg)
    assert record.leads == ("I", "AVF", "II", "III", "AVR", "AVL")
    for leads in (("I", "V1", "V2"), ("I", "I", "II"), LEADS):
        ecg = np.zeros((500, len(leads)))
        record = Record("r", ecg, leads, 500.0, simulated=False)
        assert with_derived_leads(record) is record
    assert len(warnings) == 1


def test_leads_are_derived_on_request_only(tmp_path, warnings):
    path = tmp_path / "ecg.xml"
    path.write_bytes(muse(walk(8), leads=EIGHT))
    with pytest.raises(RecordError, match=r"missing III AVR AVL AVF; found .* -derive_leads comp"):
        next(windows(read_any(path), LEADS))
    (window,) = windows(read_any(path, derive_leads=True), LEADS)
    np.testing.assert_allclose(window.ecg[:, 2], window.ecg[:, 1] - window.ecg[:, 0], atol=1e-5)
    assert warnings == [f"{path}: III AVR AVL AVF computed from I and II"]
    path.write_bytes(muse(walk(3), leads=["I", "V2", "V3"]))
    with pytest.raises(RecordError) as error:
        next(windows(read_any(path), LEADS))
    assert "-derive_leads" not in str(error.value)
