"""Peak memory of training: how far a process of its own grows, above its imports and its data, while it trains.

`python -m benchmarks.memory W4 nn_core` prints one figure, in MB; `measure` asks for them all.
"""

import subprocess
import sys
import threading

import psutil
from threadpoolctl import threadpool_limits

from benchmarks.workloads import WORKLOADS

STEPS = {"W1": 500, "W4": 100, "W5": 5, "W6": 20}  # the workloads of which memory is asked, and how long they train


def measure() -> dict[str, dict[str, float]]:
    """Per workload: the size of its data, and by how many MB each contender's peak exceeds what it started from."""
    results = {}
    for name in STEPS:
        x, _ = WORKLOADS[name].data()
        results[name] = {
            "data_mb": x.nbytes / 2**20,
            "nn_core_mb": _ask(name, "nn_core"),
            "torch_mb": _ask(name, "torch"),
        }
    return results


class Peak:
    """The largest memory of this process between `with` and its end, in `mb`, looked at every millisecond.

    The system's own figure would do for one process, but on Linux a child starts with the peak of its parent.
    """

    def __enter__(self):
        self.mb, self._done = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()

    def _watch(self):
        process = psutil.Process()
        while not self._done.wait(0.001):
            self.mb = max(self.mb, process.memory_info().rss / 2**20)


def _ask(name, contender):
    command = [sys.executable, "-m", "benchmarks.memory", name, contender]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _main(name, contender):
    from benchmarks.peers import Ours, PyTorch, torch_variants

    work = WORKLOADS[name]
    x, targets = work.data()
    threadpool_limits(1, user_api="blas")
    before = psutil.Process().memory_info().rss / 2**20
    with Peak() as peak:
        if contender == "nn_core":
            Ours(work, x, targets).run(STEPS[name])
        else:
            PyTorch(work, x, targets, *next(iter(torch_variants(work).values()))).run(STEPS[name])
    print(peak.mb - before)


if __name__ == "__main__":
    _main(*sys.argv[1:])
