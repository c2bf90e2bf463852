"""Peak memory of training: how far a process of its own grows, above its imports and its data, while it trains.

`python -m benchmarks.memory W4 nn_core` prints one figure, in MB; `measure` asks for them all.
"""

import subprocess
import sys

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


def peak_mb() -> float:
    """The largest memory of this process so far."""
    try:
        import resource
    except ImportError:  # Windows
        return psutil.Process().memory_info().peak_wset / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def _ask(name, contender):
    command = [sys.executable, "-m", "benchmarks.memory", name, contender]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _main(name, contender):
    from benchmarks.peers import Ours, PyTorch, torch_variants

    work = WORKLOADS[name]
    x, targets = work.data()
    threadpool_limits(1, user_api="blas")
    before = peak_mb()
    if contender == "nn_core":
        Ours(work, x, targets).run(STEPS[name])
    else:
        PyTorch(work, x, targets, *next(iter(torch_variants(work).values()))).run(STEPS[name])
    print(peak_mb() - before)


if __name__ == "__main__":
    _main(*sys.argv[1:])
