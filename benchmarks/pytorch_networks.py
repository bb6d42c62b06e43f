"""Networks of the study in idiomatic PyTorch, as a reference for the speed of ecg_tf.

Images are (batch, channel, height, width), signals (batch, time, lead); outputs are logits.
"""

import torch
from torch import nn
from torch.nn import functional


class AlexNet(nn.Sequential):
    """For images of 256 × 256."""

    def __init__(self, channels=9, classes=4, nb_filters=16):
        f = nb_filters
        super().__init__(
            *(nn.Conv2d(channels, f, 11, stride=4), nn.ReLU(), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(f, 2 * f, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(2 * f, 4 * f, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(4 * f, 8 * f, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(8 * f, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2)),
            *(nn.Flatten(), nn.Linear(9216, 4096), nn.ReLU()),
            *(nn.Linear(4096, 2048), nn.ReLU(), nn.Linear(2048, classes)),
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


NETWORKS = {"alexnet": AlexNet, "resnet": ResNet, "gru": GRU, "bigru": bigru}


def steps(network, inputs, labels, pos_weight, learning_rate=0.01):
    """Two functions: one step of training on a batch, and the logits of it."""
    optimizer = torch.optim.SGD(network.parameters(), lr=learning_rate)
    loss_of = nn.BCEWithLogitsLoss(pos_weight=pos_weight)

    def train():
        network.train()
        optimizer.zero_grad()
        loss = loss_of(network(inputs), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    def infer():
        network.eval()
        with torch.inference_mode():
            return network(inputs).numpy()

    return train, infer
