"""VGG and small CNN from the study's code."""

from ecg_tf.convert.conversion import Conversion, filters
from ecg_tf.convert.tensors import conv2d, dense, dense_after_flatten, same


def _vgg(network):
    return {
        "conv1/kernel": conv2d("conv1_1.weight"),
        "conv1/bias": same("conv1_1.bias"),
        "conv2/kernel": conv2d("conv1_2.weight"),
        "conv2/bias": same("conv1_2.bias"),
        "conv3/kernel": conv2d("conv2_1.weight"),
        "conv3/bias": same("conv2_1.bias"),
        "conv4/kernel": conv2d("conv2_2.weight"),
        "conv4/bias": same("conv2_2.bias"),
        "conv5/kernel": conv2d("conv3_1.weight"),
        "conv5/bias": same("conv3_1.bias"),
        "conv6/kernel": conv2d("conv3_2.weight"),
        "conv6/bias": same("conv3_2.bias"),
        "conv7/kernel": conv2d("conv3_3.weight"),
        "conv7/bias": same("conv3_3.bias"),
        "dense1/kernel": dense_after_flatten("fc1.weight", network.get_layer("conv7").filters),
        "dense1/bias": same("fc1.bias"),
        "dense2/kernel": dense("fc2.weight"),
        "dense2/bias": same("fc2.bias"),
        "logits/kernel": dense("fc3.weight"),
        "logits/bias": same("fc3.bias"),
    }


def _cnn(network):
    return {
        "conv1/kernel": conv2d("conv2d_1.weight"),
        "conv1/bias": same("conv2d_1.bias"),
        "conv2/kernel": conv2d("conv2d_2.weight"),
        "conv2/bias": same("conv2d_2.bias"),
        "conv3/kernel": conv2d("conv2d_3.weight"),
        "conv3/bias": same("conv2d_3.bias"),
        "dense1/kernel": dense_after_flatten("linear_1.weight", network.get_layer("conv3").filters),
        "dense1/bias": same("linear_1.bias"),
        "dense2/kernel": dense("linear_2.weight"),
        "dense2/bias": same("linear_2.bias"),
        "logits/kernel": dense("linear_3.weight"),
        "logits/bias": same("linear_3.bias"),
    }


VGG = Conversion(
    sign="conv1_1.weight",
    hyperparameters=lambda state: filters(state, "conv1_1.weight"),
    weights=_vgg,
    first="conv1_1.weight",
    classes="fc3.bias",
    # Stages 4 and 5 of an earlier version of the class, which never used them.
    unused=r"conv[45]_[123]\.(weight|bias)",
)
CNN = Conversion(
    sign="conv2d_1.weight",
    hyperparameters=lambda state: filters(state, "conv2d_1.weight"),
    weights=_cnn,
    first="conv2d_1.weight",
    classes="linear_3.bias",
)
