"""Keras layers for ECGs: filters, scaling, images, augmentation, windows.

All layers run on every Keras backend with the same results. Filters, scaling and images compute in
float32 under every dtype policy. All layers consist of `keras.ops`,
but `BatchNormalization` and `GRU`, which also have kernels for CPUs.
"""

from ecg_tf.layers.augmentation import Augmentation, RandomWindow
from ecg_tf.layers.bandpass import Bandpass
from ecg_tf.layers.batch_normalization import BatchNormalization
from ecg_tf.layers.diagonal_band import DiagonalBand
from ecg_tf.layers.ecg_filter import ECGFilter
from ecg_tf.layers.ecg_image import ECGImage
from ecg_tf.layers.ecg_signal import SIGNAL_SCALES, ECGSignal
from ecg_tf.layers.field_images import FieldImages
from ecg_tf.layers.gramian_angular_field import GramianAngularField
from ecg_tf.layers.gru import GRU
from ecg_tf.layers.lstm import LSTM, SimpleRNN
from ecg_tf.layers.markov_transition_field import MarkovTransitionField
from ecg_tf.layers.recurrence_plot import RecurrencePlot
from ecg_tf.layers.scaling import Gain, MinMax, Squash, ZScore
from ecg_tf.layers.sliding_windows import MeanOverWindows, SlidingWindows
from ecg_tf.layers.state_space import StateSpace
from ecg_tf.layers.validity import plausible_leads, valid_leads, without_offset
from ecg_tf.layers.weighted_sum import WeightedSum

__all__ = [
    "GRU",
    "LSTM",
    "SIGNAL_SCALES",
    "Augmentation",
    "Bandpass",
    "BatchNormalization",
    "DiagonalBand",
    "ECGFilter",
    "ECGImage",
    "ECGSignal",
    "FieldImages",
    "Gain",
    "GramianAngularField",
    "MarkovTransitionField",
    "MeanOverWindows",
    "MinMax",
    "RandomWindow",
    "RecurrencePlot",
    "SimpleRNN",
    "SlidingWindows",
    "Squash",
    "StateSpace",
    "WeightedSum",
    "ZScore",
    "plausible_leads",
    "valid_leads",
    "without_offset",
]
