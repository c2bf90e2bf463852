"""What it costs to look inside a network while it trains.

    python -m benchmarks.monitors [--json FILE]

One look of nn_core.monitors at a mini-batch, beside one training step, for a small net, digits and a convolutional net;
and the share of one core that five looks a second take. Medians.
"""

import argparse
import time
from statistics import median

from threadpoolctl import threadpool_limits

from benchmarks.report import machine, table, write_json
from benchmarks.workloads import WORKLOADS
from nn_core.monitors import Monitor

LOOKS_A_SECOND = 5
ROUNDS = 15


def measure(name: str) -> dict[str, float]:
    """Microseconds of a look and of a training step."""
    work = WORKLOADS[name]
    x, targets = work.data()
    trainer = work.trainer(x, targets)
    trainer.run(steps=2)

    def look():
        Monitor().look(trainer)

    return {
        "look_us": _microseconds(look, 3),
        "step_us": _microseconds(lambda: trainer.run(steps=work.block // 2), 1) / (work.block // 2),
    }


def _microseconds(function, calls):
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(calls):
            function()
        taken.append((time.perf_counter() - start) / calls)
    return median(taken) * 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", help="write the result to this file")
    given = parser.parse_args()
    threadpool_limits(1, user_api="blas")
    result, rows = {"machine": machine()}, []
    for name in ("W1", "W4", "W5"):
        found = result[name] = measure(name)
        found["share_of_a_core"] = found["look_us"] * LOOKS_A_SECOND / 1e6
        text = f"microseconds of one look at {WORKLOADS[name].text}, batch {WORKLOADS[name].batch}"
        rows.append((f"{name} look_us", found["look_us"], text))
        rows.append(("   step_us", found["step_us"], "of one training step, evaluation of each epoch included"))
        rows.append(("   share_of_a_core", found["share_of_a_core"], f"{LOOKS_A_SECOND} looks a second"))
    print(table("Monitors", rows))
    print(result["machine"])
    write_json(given.json, result)


if __name__ == "__main__":
    main()
