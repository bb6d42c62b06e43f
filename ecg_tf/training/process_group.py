"""Processes that train one network together, under JAX, and end together."""

import contextlib
import json
import os
import signal
import sys
import threading
import time

import keras
import numpy as np
from absl import logging

from ecg_tf.errors import InputError, Interrupted, quoted
from ecg_tf.training.cores import take_share_of_cores
from ecg_tf.training.gloo import gloo_gives_way
from ecg_tf.training.stopping import stop_signals

FROM_ENVIRONMENT = "auto"
_JOIN = 300  # seconds in which all processes have to start
_BEAT = 1  # seconds between signs of life
_DEAD = 20  # seconds without one
_GRACE = 5  # seconds to end in an orderly way, before a process is ended by force
_LOOK = 0.2  # seconds between two looks at what others say


class OneProcess:
    """What `ProcessGroup` is for several processes, for one."""

    number, count = 0, 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def of_first(self, value):
        """Return the value."""
        return value

    def arrays_of_first(self, arrays):
        """Return the arrays."""
        return arrays

    def gather(self, rows, _):
        """Return the rows."""
        return rows


class ProcessGroup:
    """The processes that train a network together.

    As a context manager it ends all processes together: the one that leaves it with an error tells
    the others, and they raise that error, too. One that dies, or cannot be reached for 20 s, is
    named.

    Args:
        coordinator: "HOST:PORT" at which process 0 listens, the same in all processes; "auto" if
            SLURM, Open MPI or Kubernetes started the processes, for JAX to read their environment.
        count: number of processes; None with "auto".
        number: number of this process, from 0; None with "auto".

    Attributes:
        number, count: of this process, and of all.

    Raises:
        InputError: the processes did not find each other, or Keras does not run on JAX.
    """

    def __init__(self, coordinator, count=None, number=None):
        if keras.backend.backend() != "jax":
            raise InputError(
                f"strategy data_parallel: needs JAX, but KERAS_BACKEND is {keras.backend.backend()}"
            )
        import jax
        from jax._src import distributed  # has no public name

        try:
            # JAX would abort a process at once when another dies, with a stack trace.
            jax.config.update("jax_enable_recoverability", True)
            jax.config.update("jax_cpu_collectives_implementation", "gloo")
        except AttributeError as error:
            raise InputError(
                f"JAX {jax.__version__} is too old for several processes; upgrade it"
            ) from error
        with contextlib.suppress(AttributeError):  # older versions have no such service
            jax.config.update("jax_enable_preemption_service", False)  # it takes SIGTERM away
        try:
            with _ended_by_signals():
                jax.distributed.initialize(
                    **_place(coordinator, count, number), initialization_timeout=_JOIN
                )
                state = distributed.global_state
                take_share_of_cores(state.client, state.process_id, state.num_processes)
        except ValueError as error:
            if coordinator != FROM_ENVIRONMENT:
                raise InputError(f"coordinator {coordinator}: {error}") from error
            raise InputError(
                "coordinator auto: neither SLURM, Open MPI nor Kubernetes (with the Python package "
                "kubernetes) has started this process; expected HOST:PORT"
            ) from error
        except RuntimeError as error:
            reason = quoted(str(error).splitlines()[0], 200)
            raise InputError(
                f"coordinator {coordinator}: the processes did not find each other in {_JOIN} s: "
                f"{reason}"
            ) from error
        self._client = state.client
        with gloo_gives_way():
            self.number, self.count = jax.process_index(), jax.process_count()
        logging.info("process %d of %d", self.number, self.count)
        self._found = threading.Event()  # why all end, if it is not an error of this process
        self._left = threading.Event()
        self._error = None

    def __enter__(self):
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()
        return self

    def __exit__(self, kind, error, trace):
        if error is None:
            try:
                self._finish()
                self._leave()
                return
            except BaseException as raised:
                error = raised
        if not isinstance(error, InputError | Interrupted | KeyboardInterrupt):
            # Collective operations fail when another process ends.
            self._found.wait(_DEAD + _GRACE)
        if not self._found.is_set():
            self._client.key_value_set(f"ended/{self.number}", json.dumps(_told(error)))
        self._leave()
        if self._found.is_set() and error is not self._error:
            raise self._error from error
        raise error

    def _finish(self):
        """Wait until all have finished; process 0 has the most to do."""
        self._client.key_value_set(f"finished/{self.number}", "")
        self._wait_for("finished/", self.count)

    def _wait_for(self, folder, count):
        """Wait until some keys are set, and return their values; a signal can end it.

        Raises:
            InputError, Interrupted: another process has ended.
        """
        while len(found := self._client.key_value_dir_get(folder)) < count:
            if self._found.wait(_LOOK):
                raise self._error
        return [value for _, value in found]

    def of_first(self, value):
        """Return the value that process 0 gives, which JSON can represent; called once."""
        if self.number == 0:
            self._client.key_value_set("of_first/0", json.dumps(value))
        return json.loads(*self._wait_for("of_first/", 1))

    def arrays_of_first(self, arrays):
        """Return the arrays that process 0 gives; all give as many, of the same shapes."""
        from jax.experimental import multihost_utils

        return list(map(np.asarray, multihost_utils.broadcast_one_to_all(arrays)))

    def gather(self, rows, total):
        """Join the rows that the processes computed of `Share.part`.

        Args:
            rows: array (row of the part, …).
            total: number of rows of the whole.

        Returns:
            Array (total, …), the same in all processes.
        """
        from jax.experimental import multihost_utils

        return np.concatenate(multihost_utils.process_allgather(np.asarray(rows)))[:total]

    def _watch(self):
        """Look for other processes that ended; end this one if it does not end by itself."""
        beats, changed = {}, {f"beat/{k}": time.monotonic() for k in range(self.count)}
        for beat in range(sys.maxsize):
            now = time.monotonic()
            try:
                self._client.key_value_set(f"beat/{self.number}", str(beat), allow_overwrite=True)
                found = dict(self._client.key_value_dir_get("beat/"))
                ended = dict(self._client.key_value_dir_get("ended/"))
            except Exception:  # RuntimeErrors of JAX: nobody answers
                found, ended = beats, {"ended/0": json.dumps({"text": "has died", "signal": None})}
            for key, value in found.items():
                if beats.get(key) != value:
                    changed[key] = now
            beats = found
            for key, when in changed.items():
                if now - when > _DEAD:
                    text = f"has died: no sign of it for {_DEAD} s"
                    ended[key] = json.dumps({"text": text, "signal": None})
            others = {int(key.split("/")[1]): told for key, told in ended.items()}
            others.pop(self.number, None)
            if self._left.is_set():
                return
            if others:
                self._end_with(*min(others.items()))
                return
            if self._left.wait(_BEAT):
                return

    def _end_with(self, number, told):
        told = json.loads(told)
        text = f"process {number}: {told['text']}"
        if told["signal"] is not None:
            self._error = Interrupted(text, told["signal"])
        else:
            self._error = InputError(text)
        self._found.set()
        longer = 0 if self.number else 3 * _BEAT  # the others would crash without process 0
        if not self._left.wait(_GRACE + longer):  # it waits for the process that has ended
            error = told["signal"] is None
            print(f"error: {text}" if error else text, file=sys.stderr, flush=True)
            os._exit(1 if error else 128 + told["signal"])

    def _leave(self):
        """Disconnect; process 0 last, as the others would crash without it."""
        import jax

        self._left.set()
        # Python aborts if a thread is inside JAX at its end.
        self._watcher.join(_GRACE)
        try:
            self._client.wait_at_barrier("leaving", _GRACE * 1000)
        except Exception as error:  # RuntimeErrors of JAX: some have died or are still busy
            logging.debug("leaving: %s", error)
            if self.number == 0:
                time.sleep(3 * _BEAT)
        if self.number == 0:
            time.sleep(_BEAT)
        jax.distributed.shutdown()


def _place(coordinator, count, number):
    """The arguments by which `jax.distributed.initialize` finds the other processes and its GPUs.

    Under SLURM and Open MPI, JAX takes the GPU with the number that a process has on its host.
    That is wrong if the process sees one GPU only, or if it is to use all of its host.
    """
    if coordinator != FROM_ENVIRONMENT:
        where = {"coordinator_address": coordinator, "num_processes": count, "process_id": number}
        return {**where, "cluster_detection_method": "deactivate"}
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    one = visible and "," not in visible and "JAX_LOCAL_DEVICE_IDS" not in os.environ
    return {"local_device_ids": [0]} if one else {}


@contextlib.contextmanager
def _ended_by_signals():
    """Let signals end the process at once while it is inside JAX, where Python's handlers wait."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in stop_signals()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _told(error):
    """What the other processes are told of an error that ends this one."""
    if isinstance(error, KeyboardInterrupt):
        number = error.args[0] if error.args else signal.SIGINT
        return {"text": f"{signal.Signals(number).name}: interrupted", "signal": int(number)}
    return {"text": str(error), "signal": getattr(error, "signal", None)}
