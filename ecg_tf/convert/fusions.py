"""The two-branch networks from the study's code.

The state dict of a late fusion has no backbones; those of early and joint fusion have them, by the
conversions of single networks.
"""

from ecg_tf.convert.alexnet import FEATURE_MAPS
from ecg_tf.convert.conversion import Conversion
from ecg_tf.convert.tensors import dense, dense_after_flatten, same, size


def _late_fusion(network):
    return {
        "hidden/kernel": dense("hidden.weight"),
        "hidden/bias": same("hidden.bias"),
        "logits/kernel": dense("out.weight"),
        "logits/bias": same("out.bias"),
    }


LATE_FUSION = Conversion(
    sign="hidden.weight",
    hyperparameters=lambda state: {"hidden": size(state, "hidden.bias")},
    weights=_late_fusion,
)


def _early_fusion(network):
    return {
        "image_features/kernel": dense_after_flatten("fc_img.weight", FEATURE_MAPS),
        "image_features/bias": same("fc_img.bias"),
        "dense1/kernel": dense("fc1.weight"),
        "dense1/bias": same("fc1.bias"),
        "dense2/kernel": dense("fc2.weight"),
        "dense2/bias": same("fc2.bias"),
        "logits/kernel": dense("out.weight"),
        "logits/bias": same("out.bias"),
    }


def _joint_fusion(network):
    return {
        **_early_fusion(network),
        "image_features/kernel": dense("fc_img.weight"),  # after AlexNet's last dense layer
    }


EARLY_FUSION = Conversion(
    sign="img_model.linear_3.weight",
    hyperparameters=lambda state: {"last_step": True},
    weights=_early_fusion,
    classes="out.bias",
    backbones={"signal": "sig_model.", "image": "img_model."},
)
JOINT_FUSION = Conversion(
    sign="img_model.linear_2.weight",
    hyperparameters=lambda state: {},
    weights=_joint_fusion,
    classes="out.bias",
    backbones={"signal": "sig_model.", "image": "img_model."},
    backbone_logits=False,
)
