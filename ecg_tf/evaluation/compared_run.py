"""A run of a comparison."""

import dataclasses

from ecg_tf.evaluation.evaluation import Evaluation

SIGNAL, IMAGE, FUSION, ENSEMBLE = KINDS = ("signal", "image", "fusion", "ensemble")


@dataclasses.dataclass(frozen=True)
class Branch:
    """A backbone of a fusion.

    Attributes:
        kind: `SIGNAL` or `IMAGE`.
        run: name of the compared run that the backbone comes from; None if it is not compared.
        missing: why it is not compared and what to do, as a clause; None if it is compared.
    """

    kind: str
    run: str | None = None
    missing: str | None = None


@dataclasses.dataclass(frozen=True)
class ComparedRun:
    """A run and its evaluation on the records of the comparison.

    Attributes:
        name: unique name.
        kind: input of the network, one of `KINDS`: signals, images, or both; or an ensemble, see
            `ecg_tf.evaluation.ensemble.ensemble`.
        representation: the input in detail: "signal", "GAF", "GAF + RP", "all images", "fusion";
            those of the members of an ensemble, joined by "and".
        network: name of the network.
        evaluation: the `Evaluation`.
        parameters: number of parameters; None if unknown.
        seconds: duration of the training, without that of backbones from other runs; None if
            unknown.
        dev_auroc: macro AUROC of the kept epoch on dev, measured during training, over the classes
            for which it is defined; None if unknown.
        left_out: names of classes of the network that not all compared runs have. `evaluation` and
            `dev_auroc` do not include them.
        branches: the `Branch`es of a fusion; empty for other runs.
        members: names of the compared runs that an ensemble is made of; empty for other runs.
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
    members: tuple[str, ...] = ()
