import pytest

from ecg_tf.errors import InputError
from ecg_tf.leads import DEFAULT_LEADS, LEADS, SAMPLES, SAMPLING_RATE, lead_indices


def test_leads_are_in_the_order_of_ptb_xl():
    assert " ".join(LEADS) == "I II III AVR AVL AVF V1 V2 V3 V4 V5 V6"


def test_record_lasts_ten_seconds():
    assert SAMPLES / SAMPLING_RATE == 10


def test_default_leads_are_columns_0_1_and_7():
    assert lead_indices(DEFAULT_LEADS) == [0, 1, 7]


def test_leads_keep_the_given_order():
    assert lead_indices(["V6", "I"]) == [11, 0]


@pytest.mark.parametrize("leads", [["V7"], ["avr"], ["I", "I"], [], "II"])
def test_unknown_repeated_or_missing_leads_are_refused(leads):
    with pytest.raises(InputError, match=r"expected one or more of I, II, III, AVR.*none twice"):
        lead_indices(leads)


def test_unknown_lead_is_named():
    with pytest.raises(InputError, match=r"'I,V7': unknown V7"):
        lead_indices(["I", "V7"])
