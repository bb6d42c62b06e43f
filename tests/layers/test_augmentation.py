import keras
import numpy as np

from ecg_tf.layers import Augmentation, RandomWindow


def numpy(x):
    return keras.ops.convert_to_numpy(x)


def test_ecgs_are_unchanged_outside_of_training(ecg):
    np.testing.assert_array_equal(numpy(Augmentation()(ecg)), ecg)


def test_shifts_every_record_round_by_an_amount_of_its_own(ecg):
    shifted = numpy(Augmentation(gain=0, noise=0, lead_dropout=0, seed=1)(ecg, training=True))
    amounts = []
    for before, after in zip(ecg, shifted, strict=True):
        found = [k for k in range(1000) if np.array_equal(np.roll(before, -k, axis=0), after)]
        assert found
        amounts.append(found[0])
    assert len(set(amounts)) > len(ecg) / 2


def test_gain_noise_and_dropped_leads_have_their_sizes():
    ecg = np.ones((600, 1000, 3), np.float32)
    layer = Augmentation(gain=0.2, noise=0.01, lead_dropout=0.25, seed=1)
    changed = numpy(layer(ecg, training=True))
    off = (changed == 0).all(axis=1)
    assert abs(off.mean() - 0.25) < 0.04
    assert not (changed == 0).any(axis=1)[~off].any()
    on = changed[~off.any(axis=1)]
    np.testing.assert_allclose(np.log(on.mean(axis=(1, 2))).std(), 0.2, rtol=0.1)
    np.testing.assert_allclose((on - on.mean(axis=(1, 2), keepdims=True)).std(), 0.01, rtol=0.05)


def test_noise_in_the_pass_band_is_the_same_at_any_sampling_rate():
    silence = np.zeros((1, 5000, 12), np.float32)
    layer = Augmentation(noise=0.01, lead_dropout=0, seed=1, sampling_rate=500)
    noise = numpy(layer(silence, training=True))
    np.testing.assert_allclose(noise.std(), 0.01 * np.sqrt(5), rtol=0.05)


def test_windows_are_stretches_of_the_record_from_everywhere():
    time = np.tile(np.arange(1000, dtype=np.float32)[:, None], (500, 1, 2))
    windows = numpy(RandomWindow(250, seed=1)(time))
    assert windows.shape == (500, 250, 2)
    starts = windows[:, 0, 0]
    np.testing.assert_array_equal(
        windows, np.broadcast_to(starts[:, None, None] + np.arange(250)[:, None], windows.shape)
    )
    assert starts.min() < 15
    assert 735 < starts.max() <= 750


def test_the_same_seed_gives_the_same(ecg):
    one, other, another = (numpy(Augmentation(seed=seed)(ecg, training=True)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, other)
    assert (one != another).any()
