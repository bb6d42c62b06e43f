"""The flags of bin/benchmark.py, and what they run.

Images: both backends, and for comparison a plain computation of the same images: pyts at full
size, then a bilinear resize. Each row is measured in a process of its own. The table shows the
median rate of several passes; the first pass, with imports and compilation, has its own column.

Networks: training and inference of each network as in `ecg_tf train`, on ready batches and, where a
row says so, from raw ECGs; for comparison, the same networks in PyTorch on ready batches: as it is,
with channels_last, with bfloat16 where the CPU computes in it, and compiled.

Operations: where the time of a training step goes, in ecg_tf and in PyTorch.

Epoch, with -data: one epoch of AlexNet on prepared records, with images made during training; and
the same number of steps in plain PyTorch on ready images, extrapolated from 100 steps.
"""

from absl import flags

from ecg_tf.commands import app
from ecg_tf.errors import InputError
from speed.epoch import epoch
from speed.images import images
from speed.measuring import machine
from speed.networks import NETWORKS, networks
from speed.operations import operations

_PASSES = flags.DEFINE_integer("passes", 5, "number of passes per rate", lower_bound=1)
_MEMORY_RECORDS = flags.DEFINE_integer(
    "memory_records", 10_000, "number of records in the memory measurement", lower_bound=1000
)
_SECTIONS = flags.DEFINE_multi_enum(
    "sections",
    ["images", "networks"],
    ["images", "networks", "operations", "epoch"],
    "what to measure",
)
_DATA = app.define_path("data", None, "folder of prepared records; required for the epoch")
_NETWORKS = flags.DEFINE_list("networks", None, "networks to measure; default: all")
_PRECISIONS = flags.DEFINE_list("precisions", ["float32", "mixed_bfloat16"], "dtype policies")


def main(_):
    """Print the tables of the sections that -sections names."""
    labels = [label for label, *_ in NETWORKS]
    for label in _NETWORKS.value or ():
        if label not in labels:
            raise InputError(f"networks {label!r}: expected some of {', '.join(labels)}")
    for name in _SECTIONS.value:
        print(machine(), end="\n\n", flush=True)
        if name == "images":
            images(_PASSES.value, _MEMORY_RECORDS.value)
        elif name == "networks":
            networks(_PASSES.value, _NETWORKS.value, _PRECISIONS.value)
        elif name == "operations":
            operations(_NETWORKS.value)
        elif _DATA.value is None:
            raise InputError("-sections epoch: expected -data, a folder of prepared records")
        else:
            epoch(_DATA.value)
