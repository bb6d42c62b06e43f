"""Networks of the study in idiomatic PyTorch, as a reference for the speed of ecg_tf.

Images are (batch, channel, height, width), signals (batch, time, lead); outputs are logits.
"""

import dataclasses
import functools

import torch
from torch import nn
from torch.nn import functional


class AlexNet(nn.Sequential):
    """For images of 256 × 256."""

    def __init__(self, channels=9, classes=4, nb_filters=16, units=(4096, 2048)):
        f = nb_filters
        super().__init__(
            *(nn.Conv2d(channels, f, 11, stride=4), nn.ReLU(), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(f, 2 * f, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(2 * f, 4 * f, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(4 * f, 8 * f, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(8 * f, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2)),
            *(nn.Flatten(), nn.Linear(9216, units[0]), nn.ReLU()),
            *(nn.Linear(*units), nn.ReLU(), nn.Linear(units[1], classes)),
        )


class Bottleneck(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.convolutions = nn.Sequential(
            *(nn.Conv2d(inputs, width, 1), nn.BatchNorm2d(width), nn.ReLU()),
            *(nn.Conv2d(width, width, 3, stride, padding=1), nn.BatchNorm2d(width), nn.ReLU()),
            *(nn.Conv2d(width, 4 * width, 1), nn.BatchNorm2d(4 * width)),
        )
        self.shortcut = nn.Identity()
        if inputs != 4 * width:
            projection = nn.Conv2d(inputs, 4 * width, 1, stride)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(4 * width))

    def forward(self, x):
        return functional.relu(self.convolutions(x) + self.shortcut(x))


class ResNet(nn.Sequential):
    def __init__(self, channels=9, classes=4, nb_filters=16):
        first = nn.Conv2d(channels, nb_filters, 7, 2, padding=3, bias=False)
        blocks, inputs = [], nb_filters
        for stage, count in enumerate((3, 4, 6, 3)):
            width = nb_filters * 2**stage
            for block in range(count):
                blocks.append(Bottleneck(inputs, width, 2 if stage and not block else 1))
                inputs = 4 * width
        super().__init__(
            *(first, nn.BatchNorm2d(nb_filters), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1)),
            *blocks,
            *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, classes)),
        )


class GRU(nn.Module):
    def __init__(self, leads=3, classes=4, layers=3, units=128, dropout=0.0, bidirectional=False):
        super().__init__()
        self.rnn = nn.GRU(
            leads, units, layers, batch_first=True, dropout=dropout, bidirectional=bidirectional
        )
        self.logits = nn.Linear(2 * units if bidirectional else units, classes)

    def forward(self, x):
        states = self.rnn(x)[1]
        ends = states[-2:] if self.rnn.bidirectional else states[-1:]
        return self.logits(torch.cat(tuple(ends), 1))


def bigru():
    return GRU(layers=2, dropout=0.5, bidirectional=True)


def _convolution(inputs, filters, size, stride=1):
    """Convolution over time, then batch normalization."""
    # Conv2d, as PyTorch has the memory format channels_last for images only
    conv = nn.Conv2d(inputs, filters, (1, size), (1, stride), (0, size // 2), bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(filters))


class Block(nn.Module):
    def __init__(self, inputs, filters, stride):
        super().__init__()
        self.convolutions = nn.Sequential(
            *(
                _convolution(inputs, filters, 5, stride),
                nn.ReLU(),
                _convolution(filters, filters, 5),
            )
        )
        self.shortcut = nn.Sequential()
        if stride > 1:
            self.shortcut.append(nn.AvgPool2d((1, stride), ceil_mode=True))
        if inputs != filters:
            self.shortcut.append(_convolution(inputs, filters, 1))

    def forward(self, x):
        return functional.relu(self.convolutions(x) + self.shortcut(x))


def _residual_stages(nb_filters=64):
    """Four stages of two blocks on (batch, channel, 1, time), and the last layers."""
    blocks, inputs = [], nb_filters
    for stage in range(4):
        filters = nb_filters * (stage + 1)
        blocks += [Block(inputs, filters, 2 if stage else 1), Block(filters, filters, 1)]
        inputs = filters
    pooled = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2)
    return *blocks, *pooled, nn.Linear(inputs, 4)


class ResNet1d(nn.Sequential):
    def __init__(self):
        first = _convolution(3, 64, 15, 2), nn.ReLU(), nn.MaxPool2d((1, 2))
        super().__init__(*first, *_residual_stages())

    def forward(self, x):
        return super().forward(x.transpose(1, 2).unsqueeze(2))


class BandResNet(nn.Sequential):
    def __init__(self, channels=9, width=64):
        super().__init__(_convolution(channels * width, 64, 7, 2), nn.ReLU(), *_residual_stages())
        self.width = width

    def forward(self, x):
        batch, channels, size, _ = x.shape
        strides = (
            channels * size * (size + self.width),
            size * (size + self.width),
            size + self.width,
        )
        x = functional.pad(x, (0, self.width)).contiguous()
        band = x.as_strided((batch, channels, size, self.width), (*strides[:2], strides[2] + 1, 1))
        return super().forward(band.permute(0, 1, 3, 2).reshape(batch, -1, 1, size))


NETWORKS = {
    "alexnet": AlexNet,
    "resnet": ResNet,
    "gru": GRU,
    "bigru": bigru,
    "resnet1d": ResNet1d,
    "band_resnet": BandResNet,
}


@dataclasses.dataclass(frozen=True)
class Mode:
    """A way to run PyTorch.

    Attributes:
        channels_last: memory format of images, weights and what is computed from them.
        autocast: dtype of the operations that may be computed in 16 bits, or None.
        compile: whether torch.compile compiles the network.
    """

    channels_last: bool = False
    autocast: torch.dtype | None = None
    compile: bool = False


MODES = {
    "default": Mode(),
    "channels_last": Mode(channels_last=True),
    "bfloat16": Mode(channels_last=True, autocast=torch.bfloat16),
    "compiled": Mode(channels_last=True, compile=True),
    "compiled bfloat16": Mode(channels_last=True, autocast=torch.bfloat16, compile=True),
}


def steps(network, inputs, labels, pos_weight, mode, learning_rate=0.01):
    """Two functions: one step of training on a batch, and the logits of it.

    They compute on the device of the tensors, and do not wait for a GPU.
    """
    device = inputs.device
    network = network.to(device)
    if mode.channels_last:
        network = network.to(memory_format=torch.channels_last)
        if inputs.ndim == 4:
            inputs = inputs.contiguous(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(network.parameters(), lr=learning_rate)
    scaler = torch.amp.GradScaler(device.type, enabled=mode.autocast == torch.float16)
    loss_of = nn.BCEWithLogitsLoss(pos_weight=pos_weight)
    compute = torch.compile(network) if mode.compile else network
    autocast = functools.partial(
        torch.autocast, device.type, mode.autocast, enabled=mode.autocast is not None
    )

    def train():
        network.train()
        optimizer.zero_grad()
        with autocast():
            logits = compute(inputs)
        scaler.scale(loss_of(logits.float(), labels)).backward()
        scaler.step(optimizer)
        scaler.update()

    def infer():
        network.eval()
        with torch.inference_mode(), autocast():
            return compute(inputs).float()

    return train, infer
