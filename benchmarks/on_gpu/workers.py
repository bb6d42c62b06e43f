"""Work in several processes at the same time, of which only one measures at a time."""

import multiprocessing
import multiprocessing.connection
import time
import traceback

from ecg_tf.processes import kept_from_children

_POLL = 0.1  # seconds
_PREPARING, _PREPARED, _DONE = range(3)

_states, _own = None, 0  # in a worker: the states of all workers, and its own place among them


def in_processes(tasks, deadline):
    """Call functions in processes of their own, all at the same time.

    Args:
        tasks: {name: (function, its arguments …)}.
        deadline: `time.monotonic()` after which nothing more is waited for.

    Yields:
        (name, result) as each returns; for a function that failed, the text of its error.
    """
    context = multiprocessing.get_context("spawn")
    states = context.Array("b", len(tasks))
    workers = {}  # {connection: (its place, name, process)}
    with kept_from_children():
        for place, (name, task) in enumerate(tasks.items()):
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(theirs, states, place, *task))
            process.start()
            theirs.close()
            workers[ours] = place, name, process
    try:
        while workers:
            ready = multiprocessing.connection.wait(workers, max(0, deadline - time.monotonic()))
            if not ready:
                late = ", ".join(name for _, name, _ in workers.values())
                print(f"out of time: {late}", flush=True)
                break
            for connection in ready:
                place, name, process = workers.pop(connection)
                try:
                    result = connection.recv()
                except EOFError:
                    result = "the process died"
                process.join(10)  # until it has freed its memory on the GPU
                states[place] = _DONE
                yield name, result
    finally:
        for _, _, process in workers.values():
            process.kill()


def _work(connection, states, place, function, *args):
    global _states, _own
    _states, _own = states, place
    try:
        result = function(*args)
    except Exception:
        result = traceback.format_exc()
    connection.send(result)


def wait_to_measure(prepared, deadline):
    """Wait until all workers have prepared, and those of earlier tasks have ended.

    Args:
        prepared: `time.monotonic()` after which no worker's preparation is waited for.
        deadline: `time.monotonic()` after which no worker's end is waited for.
    """
    _states[_own] = _PREPARED
    while not all(_states) and time.monotonic() < prepared:
        time.sleep(_POLL)
    while _PREPARED in _states[:_own] and time.monotonic() < deadline:
        time.sleep(_POLL)
