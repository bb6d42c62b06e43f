"""One of the runs of a comparison."""

import dataclasses

from ecg_tf.evaluation.evaluation import Evaluation

SIGNAL, IMAGE, FUSION = KINDS = ("signal", "image", "fusion")


@dataclasses.dataclass(frozen=True)
class Branch:
    """One of the two networks that a fusion is made of.

    Attributes:
        kind: `SIGNAL` or `IMAGE`.
        run: name of the compared run that is this network; None where none is.
        missing: why none is, and what to do, as a clause; None where one is.
    """

    kind: str
    run: str | None = None
    missing: str | None = None


@dataclasses.dataclass(frozen=True)
class ComparedRun:
    """A run and what it says of the records that all runs of the comparison are compared on.

    Attributes:
        name: what it is called, unlike any other.
        kind: one of `KINDS`: what its network looks at, signals, images, or both.
        representation: the same in detail: "signal", "GAF", "GAF + RP", "all images", "fusion".
        network: name of the network.
        evaluation: the `Evaluation`.
        parameters: number of weights; None where it is not known.
        seconds: that its training took; None where it is not known. Those of backbones that come
            from runs of their own are not among them.
        dev_auroc: macro AUROC on dev of the epoch that was kept, measured while it trained, without
            classes that have none there; None where it is not known.
        left_out: names of classes that the network answers, but not every run of the comparison:
            neither `evaluation` nor `dev_auroc` has them.
        branches: the `Branch`es of a fusion; none for other runs.
    """

    name: str
    kind: str
    representation: str
    network: str
    evaluation: Evaluation
    parameters: int | None = None
    seconds: float | None = None
    dev_auroc: float | None = None
    left_out: tuple = ()
    branches: tuple[Branch, ...] = ()
