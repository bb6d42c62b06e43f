"""The conversions of all networks of the study, by name."""

from ecg_tf.convert.alexnet import ALEXNET, ALEXNET_ATTENTION
from ecg_tf.convert.cnn import CNN, VGG
from ecg_tf.convert.fusions import EARLY_FUSION, JOINT_FUSION, LATE_FUSION
from ecg_tf.convert.recurrent import (
    BIGRU,
    BILSTM,
    CNN_GRU,
    CNN_LSTM,
    GRU,
    GRU_ATTENTION,
    LSTM,
    RNN,
)
from ecg_tf.convert.resnet import RESNET

# In the order in which a state dict is recognised by `Conversion.recognizes`.
CONVERSIONS = {
    "early_fusion": EARLY_FUSION,
    "joint_fusion": JOINT_FUSION,
    "late_fusion": LATE_FUSION,
    "alexnet_attention": ALEXNET_ATTENTION,
    "alexnet": ALEXNET,
    "resnet": RESNET,
    "vgg": VGG,
    "cnn": CNN,
    "gru_attention": GRU_ATTENTION,
    "bigru": BIGRU,
    "rnn": RNN,
    "gru": GRU,
    "cnn_gru": CNN_GRU,
    "cnn_lstm": CNN_LSTM,
    "bilstm": BILSTM,
    "lstm": LSTM,
}
