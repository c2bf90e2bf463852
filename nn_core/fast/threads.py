"""Two halves of one piece of work at the same time.

NumPy lets go of Python's global lock while it multiplies matrices or walks over large arrays, so two Python threads
keep two cores busy. Work is always cut into the same two parts, whatever the machine: a sum that is made of two
halves rounds differently from one that is made of four, and the numbers of a run must not depend on the number of
cores. With one core the parts are done one after the other, with the same bits.

Each call of BLAS should keep to one thread meanwhile (`threadpoolctl.threadpool_limits(1)`, set by who runs the
training): two threads here and two in each of them would wait for each other.
"""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

PARTS = 2

_lock = threading.Lock()
_pool = None


def run(function: Callable[[int], object], parts: int = PARTS) -> list:
    """`[function(0), function(1), ...]`, at the same time where there are cores for it.

    The calls must not write to the same memory. The first error of a call is raised when all calls have ended. Safe
    to use from several threads at once, and from within `function` itself.
    """
    futures = [_submit(function, part) for part in range(1, parts)]
    results, errors = [], []
    for part, future in enumerate([None, *futures]):
        try:
            # The caller takes the first part, and every part that no thread has begun by then: nobody waits in a
            # queue behind the work of another session.
            results.append(function(part) if future is None or future.cancel() else future.result())
        except BaseException as error:  # the other parts may still be writing: wait for them, then tell
            errors.append(error)
    if errors:
        raise errors[0]
    return results


def halves(size: int) -> list[slice]:
    """The two parts of `size` rows, as slices; the second is empty for one row."""
    middle = (size + 1) // 2
    return [slice(0, middle), slice(middle, size)]


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _submit(function, part: int):
    """A future for one part, or None where the caller had better do it himself."""
    global _pool
    if _cores < 2:
        return None
    with _lock:
        if _pool is None:
            _pool = ThreadPoolExecutor(_cores - 1, thread_name_prefix="nn_core")
    try:
        # A thread of the pool knows nothing of the caller's np.errstate, unless it is handed his context.
        return _pool.submit(copy_context().run, function, part)
    except RuntimeError:  # the interpreter is on its way out and starts no more work
        return None


def _forget_pool() -> None:
    """A forked child has a copy of the pool, but none of its threads, and perhaps a lock that nobody will open."""
    global _pool, _lock
    _pool, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pool)
_cores = cores()
