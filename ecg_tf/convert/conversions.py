"""The conversions of all networks of the study, by name."""

from ecg_tf.convert.alexnet import ALEXNET, ALEXNET_ATTENTION
from ecg_tf.convert.fusions import EARLY_FUSION, JOINT_FUSION, LATE_FUSION
from ecg_tf.convert.gru import BIGRU, GRU, GRU_ATTENTION
from ecg_tf.convert.resnet import RESNET

# In the order in which a state dict is recognised by `Conversion.sign`.
CONVERSIONS = {
    "early_fusion": EARLY_FUSION,
    "joint_fusion": JOINT_FUSION,
    "late_fusion": LATE_FUSION,
    "alexnet_attention": ALEXNET_ATTENTION,
    "alexnet": ALEXNET,
    "resnet": RESNET,
    "gru_attention": GRU_ATTENTION,
    "bigru": BIGRU,
    "gru": GRU,
}
