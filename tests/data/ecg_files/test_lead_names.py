import pytest

from ecg_tf.data.ecg_files.lead_names import lead_name, lead_names
from ecg_tf.leads import LEADS


@pytest.mark.parametrize(
    ("name", "lead"),
    [
        ("i", "I"),
        ("aVR", "AVR"),
        (" avl ", "AVL"),
        ("Lead II", "II"),
        ("lead_aVF", "AVF"),
        ("ECG V1", "V1"),
        ("v 2", "V2"),
        ("DIII", "III"),
        ("II,", "II"),
        ("ECG Lead II", "II"),
        ("D1", "I"),
        ("D2", "II"),
        ("d3", "III"),
        ("C1", "V1"),
        ("c 6", "V6"),
        ("MDC_ECG_LEAD_II", "II"),
        ("MDC_ECG_LEAD_aVR", "AVR"),
        ("MDC_ECG_LEAD_V6", "V6"),
        ("II:", "II"),
        ("I+", "I"),
        ("ECG I-Ref", "I"),
        ("aVL-REF", "AVL"),
        ("Lead V1", "V1"),
        ("EKG-II", "II"),
        ("Lead: V2", "V2"),
    ],
)
def test_names_of_a_lead_are_recognised(name, lead):
    assert lead_name(name) == lead


@pytest.mark.parametrize("lead", LEADS)
def test_standard_name_of_a_lead_is_recognised(lead):
    assert lead_name(lead) == lead


OTHER = (
    "-aVR",
    "MLII",
    "V7",
    "V1R",
    "TIME",
    "",
    "IV",
    "1",
    "LEAD",
    "ECG -aVR",
    "ECG-aVR",
    "Lead -II",
    "I-",
    "II-III",
)
UNKNOWN = (
    "I I",
    "I II",
    "V1-V2",
    "VR",
    "C7",
    "C3-M2",
    "ECG",
    "ECG1",
    "D",
    "D4",
    "MDC_ECG_LEAD_MLII",
    "X",
    "+I",
)


@pytest.mark.parametrize("name", [*OTHER, *UNKNOWN])
def test_names_of_other_leads_are_not_changed(name):
    assert lead_name(name) == name.upper()


def test_c_means_v_unless_the_file_has_eeg_electrodes():
    assert lead_names(["I", "II", "C2"]) == ["I", "II", "V2"]
    assert lead_names(["I", "II", "C3", "C4", "O1"]) == ["I", "II", "C3", "C4", "O1"]
    assert lead_names(["II", "c4", "Fz", "V4"]) == ["II", "C4", "FZ", "V4"]
    assert lead_names(["II", "C4", "EEG A1"]) == ["II", "C4", "EEG A1"]
    assert lead_names(["C1", "AVF", "TIME", "FOO", "A"]) == ["V1", "AVF", "TIME", "FOO", "A"]
