"""Train a network on prepared records or an image tree, and leave a run folder.

ecg_tf train -model alexnet -data data/ptb_xl -path_save_model runs/alexnet
"""

from absl import flags

from ecg_tf.commands.setting_flags import define_settings
from ecg_tf.commands.tracker_flag import define_tracker
from ecg_tf.errors import InputError
from ecg_tf.training.settings import Settings

_SETTINGS = define_settings()
_OVERWRITE = flags.DEFINE_bool("overwrite", False, "delete the run that is in the run folder first")
_TRACKER = define_tracker("record the run in MLflow or Weights & Biases")
_COORDINATOR = flags.DEFINE_string(
    "coordinator",
    None,
    "train in several processes, with -strategy data_parallel: HOST:PORT at which process 0 "
    "listens; auto if SLURM, Open MPI or Kubernetes started them (Kubernetes: with the Python "
    "package kubernetes)",
)
_PROCESSES = flags.DEFINE_integer("processes", None, "number of these processes", 1)
_PROCESS = flags.DEFINE_integer("process", None, "number of this one, from 0", 0)


def main(_):
    settings = Settings(**{flag.name: flag.value for flag in _SETTINGS})
    _check_processes(settings.strategy)

    from ecg_tf.training.process_group import OneProcess, ProcessGroup
    from ecg_tf.training.train import train

    processes = OneProcess()
    if _COORDINATOR.value:
        processes = ProcessGroup(_COORDINATOR.value, _PROCESSES.value, _PROCESS.value)
    run = train(settings, _OVERWRITE.value, processes, _TRACKER.value)
    if processes.number == 0:
        print(f"finished: {run.path}")


def _check_processes(strategy):
    """Check the flags of several processes, without JAX."""
    from ecg_tf.training.process_group import FROM_ENVIRONMENT

    coordinator, count, number = _COORDINATOR.value, _PROCESSES.value, _PROCESS.value
    if coordinator is None:
        if count is not None or number is not None:
            raise InputError("processes, process: expected -coordinator HOST:PORT with them")
        return
    if strategy != "data_parallel":
        raise InputError(f"coordinator: expected -strategy data_parallel with it, not {strategy}")
    if coordinator == FROM_ENVIRONMENT:
        if count is not None or number is not None:
            raise InputError("coordinator auto: expected neither -processes nor -process with it")
        return
    host, _, port = coordinator.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 2**16:
        raise InputError(f"coordinator {coordinator!r}: expected HOST:PORT, as in 10.0.0.1:1234")
    if count is None or number is None:
        raise InputError("coordinator: expected -processes and -process with it")
    if number >= count:
        raise InputError(f"process {number}: expected 0 to {count - 1}, the -processes less 1")
