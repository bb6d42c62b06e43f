"""AlexNet, without and with attention, from the study's code."""

from ecg_tf.convert.conversion import Conversion, filters
from ecg_tf.convert.tensors import conv1x1, conv2d, dense, dense_after_flatten, same

FEATURE_MAPS = 256  # channels of the last feature map


def _alexnet(network):
    return {
        "conv1/kernel": conv2d("conv2d_1.weight"),
        "conv1/bias": same("conv2d_1.bias"),
        "conv2/kernel": conv2d("conv2d_2.weight"),
        "conv2/bias": same("conv2d_2.bias"),
        "conv3/kernel": conv2d("conv2d_3.weight"),
        "conv3/bias": same("conv2d_3.bias"),
        "conv4/kernel": conv2d("conv2d_4.weight"),
        "conv4/bias": same("conv2d_4.bias"),
        "conv5/kernel": conv2d("conv2d_5.weight"),
        "conv5/bias": same("conv2d_5.bias"),
        "dense1/kernel": dense_after_flatten("linear_1.weight", FEATURE_MAPS),
        "dense1/bias": same("linear_1.bias"),
        "dense2/kernel": dense("linear_2.weight"),
        "dense2/bias": same("linear_2.bias"),
        "logits/kernel": dense("linear_3.weight"),
        "logits/bias": same("linear_3.bias"),
    }


def _alexnet_attention(network):
    return {
        **_alexnet(network),
        "attention1/gamma": same("attention1.gamma"),
        "attention1/query/kernel": conv1x1("attention1.query_conv.weight"),
        "attention1/query/bias": same("attention1.query_conv.bias"),
        "attention1/key/kernel": conv1x1("attention1.key_conv.weight"),
        "attention1/key/bias": same("attention1.key_conv.bias"),
        "attention1/value/kernel": conv1x1("attention1.value_conv.weight"),
        "attention1/value/bias": same("attention1.value_conv.bias"),
        "attention3/gamma": same("attention3.gamma"),
        "attention3/query/kernel": conv1x1("attention3.query_conv.weight"),
        "attention3/query/bias": same("attention3.query_conv.bias"),
        "attention3/key/kernel": conv1x1("attention3.key_conv.weight"),
        "attention3/key/bias": same("attention3.key_conv.bias"),
        "attention3/value/kernel": conv1x1("attention3.value_conv.weight"),
        "attention3/value/bias": same("attention3.value_conv.bias"),
    }


ALEXNET = Conversion(
    sign="conv2d_4.weight",
    hyperparameters=lambda state: filters(state, "conv2d_1.weight"),
    weights=_alexnet,
    first="conv2d_1.weight",
    classes="linear_3.bias",
)
ALEXNET_ATTENTION = Conversion(
    sign="attention1.gamma",
    hyperparameters=lambda state: {
        **filters(state, "conv2d_1.weight"),
        "softmax_over": "queries",
    },
    weights=_alexnet_attention,
    first="conv2d_1.weight",
    classes="linear_3.bias",
)
