"""The thread of Gloo, by which processes on CPUs talk to each other under JAX."""

import contextlib
import os
from pathlib import Path


@contextlib.contextmanager
def gloo_gives_way():
    """Let the thread that Gloo starts while the block runs give way to all others.

    As long as a message has come that nobody waits for yet, this thread does not sleep. If it has
    the priority of others, it keeps the core from the thread that would fetch the message until the
    end of its time slice: 4 ms instead of 0.3 ms for each of some hundred messages of a step. What
    is used of JAX has no public name; without it everything works, but more slowly.
    """
    try:
        from jax._src.xla_bridge import _jax

        start = _jax.make_gloo_tcp_collectives
    except (ImportError, AttributeError):
        start = None
    if start is None or not hasattr(os, "sched_setscheduler"):  # of Linux only
        yield
        return

    def start_with_low_priority(*args, **kwargs):
        before = _threads()
        made = start(*args, **kwargs)
        for thread in _threads() - before:
            with contextlib.suppress(OSError):  # it has ended, or the system does not allow it
                os.sched_setscheduler(thread, os.SCHED_BATCH, os.sched_param(0))
                os.setpriority(os.PRIO_PROCESS, thread, 19)
        return made

    _jax.make_gloo_tcp_collectives = start_with_low_priority
    try:
        yield
    finally:
        _jax.make_gloo_tcp_collectives = start


def _threads():
    """Return the numbers of the threads of this process."""
    return {int(task.name) for task in Path("/proc/self/task").iterdir()}
