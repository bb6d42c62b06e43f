import keras
import numpy as np

from ecg_tf.layers import valid_leads


def test_flat_and_non_finite_leads_are_invalid(ecg):
    leads = np.repeat(ecg[:1, :, :1], 7, axis=2)
    leads[0, :, 0] = 0  # flat
    leads[0, :, 1] = 0.3  # flat
    leads[0, :, 2] = np.nan
    leads[0, 500, 3] = np.nan
    leads[0, 0, 4] = np.inf
    leads[0, -1, 5] = -np.inf
    valid = keras.ops.convert_to_numpy(valid_leads(leads))
    assert valid.tolist() == [[False] * 6 + [True]]


def test_one_deviating_sample_makes_a_lead_valid():
    lead = np.zeros((1, 1000, 1), np.float32)
    lead[0, 7] = 0.001
    assert keras.ops.convert_to_numpy(valid_leads(lead)).all()
