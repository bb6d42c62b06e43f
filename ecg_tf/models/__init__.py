"""Networks as functional Keras models, one per file, and a registry by name."""

from ecg_tf.models.alexnet import alexnet
from ecg_tf.models.alexnet_attention import alexnet_attention
from ecg_tf.models.band_resnet import band_resnet
from ecg_tf.models.bigru import bigru
from ecg_tf.models.bilstm import bilstm
from ecg_tf.models.cnn import cnn
from ecg_tf.models.cnn_gru import cnn_gru
from ecg_tf.models.cnn_lstm import cnn_lstm
from ecg_tf.models.early_fusion import early_fusion
from ecg_tf.models.ensemble import ensemble
from ecg_tf.models.folding import fold_batch_normalization
from ecg_tf.models.from_ecg import from_ecg, preprocessor
from ecg_tf.models.gru import gru
from ecg_tf.models.gru_attention import gru_attention
from ecg_tf.models.joint_fusion import joint_fusion
from ecg_tf.models.late_fusion import late_fusion
from ecg_tf.models.lstm import lstm
from ecg_tf.models.registry import MODELS, build, find
from ecg_tf.models.resnet import resnet
from ecg_tf.models.resnet1d import resnet1d
from ecg_tf.models.rnn import rnn
from ecg_tf.models.s4 import s4
from ecg_tf.models.vgg import vgg
from ecg_tf.models.weighted_fusion import weighted_fusion

__all__ = [
    "MODELS",
    "alexnet",
    "alexnet_attention",
    "band_resnet",
    "bigru",
    "bilstm",
    "build",
    "cnn",
    "cnn_gru",
    "cnn_lstm",
    "early_fusion",
    "ensemble",
    "find",
    "fold_batch_normalization",
    "from_ecg",
    "gru",
    "gru_attention",
    "joint_fusion",
    "late_fusion",
    "lstm",
    "preprocessor",
    "resnet",
    "resnet1d",
    "rnn",
    "s4",
    "vgg",
    "weighted_fusion",
]
