import pytest

from ecg_tf.errors import InputError
from ecg_tf.leads import DEFAULT_LEADS, LEADS, SAMPLES, SAMPLING_RATE, check_signal, lead_indices


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


@pytest.mark.parametrize(("rate", "samples"), [(100, 250), (100, 1000), (257, 643), (1000, 60000)])
def test_signals_of_networks_are_accepted(rate, samples):
    assert check_signal(rate, samples) is None


@pytest.mark.parametrize(
    ("rate", "samples", "message"),
    [
        (99, 1000, "sampling_rate 99: expected a whole number, 100 to 1000 Hz"),
        (1001, 5000, "sampling_rate 1001: expected a whole number, 100 to 1000 Hz"),
        (True, 1000, "sampling_rate True: expected a whole number, 100 to 1000 Hz"),
        (500.0, 5000, r"sampling_rate 500\.0: expected a whole number, 100 to 1000 Hz"),
        (257, 642, r"samples 642: expected 643 to 15420, 2\.5 to 60 s at 257 Hz"),
        (100, 6001, r"samples 6001: expected 250 to 6000, 2\.5 to 60 s at 100 Hz"),
    ],
)
def test_other_sampling_rates_and_lengths_are_refused(rate, samples, message):
    with pytest.raises(InputError, match=message):
        check_signal(rate, samples)
