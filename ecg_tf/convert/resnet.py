"""ResNet from the study's code."""

from ecg_tf.convert.conversion import Conversion, filters
from ecg_tf.convert.tensors import conv2d, dense, running_variance, same
from ecg_tf.models.resnet import BLOCKS


def _resnet(network):
    weights = {
        "conv1/kernel": conv2d("conv1.weight"),  # without a bias
        **_batch_norm("conv1_norm", "batch_norm1"),
    }
    for stage, blocks in enumerate(BLOCKS, start=1):
        for block in range(blocks):
            ours, theirs = f"stage{stage}_block{block + 1}", f"layer{stage}.{block}"
            weights |= {
                f"{ours}_conv1/kernel": conv2d(f"{theirs}.conv1.weight"),
                f"{ours}_conv1/bias": same(f"{theirs}.conv1.bias"),
                **_batch_norm(f"{ours}_conv1_norm", f"{theirs}.batch_norm1"),
                f"{ours}_conv2/kernel": conv2d(f"{theirs}.conv2.weight"),
                f"{ours}_conv2/bias": same(f"{theirs}.conv2.bias"),
                **_batch_norm(f"{ours}_conv2_norm", f"{theirs}.batch_norm2"),
                f"{ours}_conv3/kernel": conv2d(f"{theirs}.conv3.weight"),
                f"{ours}_conv3/bias": same(f"{theirs}.conv3.bias"),
                **_batch_norm(f"{ours}_conv3_norm", f"{theirs}.batch_norm3"),
            }
        ours, theirs = f"stage{stage}_block1_shortcut", f"layer{stage}.0.i_downsample"
        weights |= {
            f"{ours}/kernel": conv2d(f"{theirs}.0.weight"),
            f"{ours}/bias": same(f"{theirs}.0.bias"),
            **_batch_norm(f"{ours}_norm", f"{theirs}.1"),
        }
    return {
        **weights,
        "logits/kernel": dense("fc.weight"),
        "logits/bias": same("fc.bias"),
    }


def _batch_norm(ours, theirs):
    return {
        f"{ours}/gamma": same(f"{theirs}.weight"),
        f"{ours}/beta": same(f"{theirs}.bias"),
        f"{ours}/moving_mean": same(f"{theirs}.running_mean"),
        f"{ours}/moving_variance": running_variance(theirs),
    }


RESNET = Conversion(
    sign="layer1.0.conv1.weight",
    hyperparameters=lambda state: filters(state, "conv1.weight"),
    weights=_resnet,
    first="conv1.weight",
    classes="fc.bias",
)
