import pytest

from ecg_tf.data.lead_names import lead_name
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
    ],
)
def test_a_lead_goes_by_several_names(name, lead):
    assert lead_name(name) == lead


@pytest.mark.parametrize("lead", LEADS)
def test_its_own_name_is_one_of_them(lead):
    assert lead_name(lead) == lead


@pytest.mark.parametrize("name", ["-aVR", "MLII", "V7", "V1R", "TIME", "", "IV", "1", "LEAD"])
def test_other_leads_are_left_alone(name):
    assert lead_name(name) == name.upper()
