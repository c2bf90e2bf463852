"""One training step of nn_core, PyTorch, scikit-learn and textbook NumPy, side by side in one run.

    python -m benchmarks.steps [--json FILE] [--docs FILE] [--rounds 9] [--only W1,W4,stack,memory]

Round-robin in short blocks: every contender runs a block in each round, so that what slows the machine down slows
all of them. A figure is the median over the rounds, a ratio the median of the rounds' own ratios; above 1, nn_core is
faster. PyTorch is tried in every variant of peers.py; the one with the lowest median counts.

OPENBLAS_CORETYPE=Haswell in the environment gives NumPy the kernel of a processor without AVX-512, and
NPY_DISABLE_CPU_FEATURES="X86_V4 AVX512_ICL AVX512_SPR" (NumPy 2.4's names) takes it from NumPy's own loops; PyTorch
knows neither. The last line says which kernel it was.
"""

import argparse
import gc
import math
import time
from collections.abc import Mapping

from threadpoolctl import threadpool_limits

from benchmarks import memory
from benchmarks.peers import Ours, PyTorch, ScikitLearn, Textbook, torch_variants
from benchmarks.report import arithmetic, machine, middle, parts, show, write_json
from benchmarks.stacks import MODELS, Loop, OurStack, Vmap
from benchmarks.workloads import WORKLOADS, Workload

SLOW = 10  # peers that take so many times longer run so many times fewer steps in a block
STACK_GOALS = {100: {"goal_loop": 100, "goal_vmap": 9}}


def race(contenders: Mapping[str, tuple[object, int]], rounds: int) -> dict[str, list[float]]:
    """Seconds per step of each contender (an object with `run`, and its steps in a block), round by round."""
    seconds = {name: [] for name in contenders}
    gc.collect()
    gc.disable()
    try:
        for number in range(-1, rounds):  # the first round warms up
            for name, (contender, steps) in contenders.items():
                if hasattr(contender, "ready"):
                    contender.ready()
                start = time.perf_counter()
                contender.run(steps)
                taken = (time.perf_counter() - start) / steps
                if number >= 0:
                    seconds[name].append(taken)
    finally:
        gc.enable()
    return seconds


def ratio(theirs: list[float], ours: list[float]) -> float:
    """The median of the rounds' ratios."""
    return middle([a / b for a, b in zip(theirs, ours, strict=True)])


def measure(work: Workload, rounds: int) -> dict:
    """All contenders on one workload."""
    x, targets = work.data()
    few = max(1, work.block // SLOW)
    contenders = {"nn_core": (Ours(work, x, targets), work.block)}
    for name, variant in torch_variants(work).items():
        steps = work.block if len(work.input_shape) > 1 else max(few, work.block // 4)
        contenders[f"torch, {name}"] = (PyTorch(work, x, targets, *variant), steps)
    if len(work.input_shape) == 1:
        contenders["sklearn"] = (ScikitLearn(work, x, targets), few)
        contenders["textbook"] = (Textbook(work, x, targets), work.block // 2)
    seconds = race(contenders, rounds)
    best = min((name for name in seconds if name.startswith("torch")), key=lambda name: middle(seconds[name]))
    result = {"text": work.text, "batch": work.batch, "goal": work.goal, "torch_variant": best.removeprefix("torch, ")}
    for key, name in {"nn_core": "nn_core", "torch": best, "sklearn": "sklearn", "textbook": "textbook"}.items():
        taken = seconds.get(name)
        result[f"{key}_us"] = middle(taken) * 1e6 if taken else math.nan
        if key != "nn_core":
            result[f"ratio_{key}"] = ratio(taken, seconds["nn_core"]) if taken else math.nan
    return result


def measure_stacks(rounds: int) -> dict:
    """W1 in stacks: microseconds per model and step."""
    work, results = WORKLOADS["W1"], {}
    x, targets = work.data()
    for models in MODELS:
        steps = max(50, work.block // models)
        seconds = race(
            {
                "nn_core": (OurStack(work, x, targets, models), steps),
                "torch_loop": (Loop(work, x, targets, models), max(2, steps // 10)),
                "torch_vmap": (Vmap(work, x, targets, models), max(2, steps // 4)),
                "torch_vmap, 2 threads": (Vmap(work, x, targets, models, 2), max(2, steps // 4)),
            },
            rounds,
        )
        vmap = min(("torch_vmap", "torch_vmap, 2 threads"), key=lambda name: middle(seconds[name]))
        results[f"K{models}"] = {
            "nn_core_us": middle(seconds["nn_core"]) / models * 1e6,
            "torch_loop_us": middle(seconds["torch_loop"]) / models * 1e6,
            "torch_vmap_us": middle(seconds[vmap]) / models * 1e6,
            "ratio_loop": ratio(seconds["torch_loop"], seconds["nn_core"]),
            "ratio_vmap": ratio(seconds[vmap], seconds["nn_core"]),
            **STACK_GOALS.get(models, {}),
        }
    return results


# Columns of the tables: heading -> key of a row's result, or what to make of the row.
STEP_COLUMNS = {
    "network": "text",
    "batch": "batch",
    "nn_core µs": "nn_core_us",
    "PyTorch µs": "torch_us",
    "scikit-learn µs": "sklearn_us",
    "textbook µs": "textbook_us",
    "PyTorch / ours": "ratio_torch",
    "goal": "goal",
    "scikit-learn / ours": "ratio_sklearn",
    "textbook / ours": "ratio_textbook",
    "PyTorch at its best": "torch_variant",
}
STACK_COLUMNS = {
    "nn_core µs a model": "nn_core_us",
    "PyTorch, a loop": "torch_loop_us",
    "PyTorch, vmap": "torch_vmap_us",
    "loop / ours": "ratio_loop",
    "goal": "goal_loop",
    "vmap / ours": "ratio_vmap",
    "goal of that": "goal_vmap",
}
MEMORY_COLUMNS = {"data MB": "data_mb", "nn_core MB": "nn_core_mb", "PyTorch MB": "torch_mb"}


def as_text(result: Mapping) -> str:
    """The whole result as Markdown, which is readable on a screen too."""
    steps = {name: row for name, row in result.items() if name in WORKLOADS}
    tables = [
        markdown("one step", STEP_COLUMNS, steps),
        markdown("W1 in a stack of", STACK_COLUMNS, result.get("stack", {})),
        markdown("peak memory of training", MEMORY_COLUMNS, result.get("memory", {})),
    ]
    return "\n".join([*filter(None, tables), result["machine"]])


def markdown(corner: str, columns: Mapping[str, str], rows: Mapping[str, Mapping]) -> str:
    """A table of the rows' values, one line a row; nothing where there are no rows."""
    if not rows:
        return ""
    values = [[name, *(_cell(row.get(key, math.nan)) for key in columns.values())] for name, row in rows.items()]
    lines = [[corner, *columns], *values]
    wide = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in wide])
    return "\n".join("| " + " | ".join(map(str.ljust, line, wide)) + " |" for line in lines) + "\n"


def _cell(value):
    return "–" if value != value else show(value)


INTRODUCTION = """# How fast

Written by `python -m benchmarks.steps --docs docs/speed.md`, after `pip install -r requirements-bench.txt`. One step is
forward, backward and update in float32 on the next batch of data in memory; nobody computes the loss's value, shuffles
or measures within the clock. W7 is a forward pass alone. All contenders run in turn, in short blocks, and a ratio is
the median of the rounds' ratios, so it is steadier than the times; above 1, nn_core is faster. PyTorch is tried with
one and two threads and with its plain, foreach and fused updates (pictures with two threads, in both memory layouts);
the best counts. nn_core runs as the live page runs it, by `Trainer.run` and `Trainer.predict`, BLAS with one thread.
Peak memory is what a process grows by, above its imports and its data, while it trains.

"""


PROFILE = """
## What stands below its goal, at least in some runs, and what the profile said

Taken by hand with a clock around the parts of a step, on the machine of the tables; it is not measured anew with them.

- **W4**: 294 of 450 µs are the two large products (96 GF/s, the peak of one core), 41 gathering the batch from
  memory, 70 Adam. Two threads for the products gained nothing: handing half of 140 µs over costs what it saves.
  In runs in which the machine's second core was free, PyTorch took 690 µs with two threads and the ratio was 1.5; in
  others it was better off with one, 860 µs, and the ratio was 1.9.
- **W6**: 750 + 790 of 2,000 µs are the two large products in two threads (1,280 + 1,350 in one; 670 + 700 with BLAS's
  own two threads, which are not used because a server trains for many), 190 gathering 2.4 MB, 190 penalty and update.
  If all but the products cost nothing, it would be about 1.45 times as fast as PyTorch.
- **W7**: 170 of 230 µs in one thread are products with 3 to 21 rows, which run at 70 GF/s and less. Two threads bring
  it to 180-200, not to 120: at each of a thread's seven NumPy calls the two may have to wait for Python's lock.
- **100 models beside vmap**: 0.95 of 2.4 µs a model are products (of 17 x 16 x 32 numbers: 50-85 GF/s), 0.4 tanh, 0.25
  its slope, 0.2 the softmax. Two threads, each with half of the models, were slower than one, for the same reason.

## On a processor without AVX-512

OpenBLAS then takes its kernel Haswell, and NumPy's own loops are those for AVX2. Both can be had on a machine with
AVX-512 (`python -m benchmarks.steps --help` says how); PyTorch takes no notice. The table was taken by hand on a busy
machine, so each figure is the least of many short blocks, not a median as above; the figures in brackets divide
PyTorch's time of another process of the same hour. A real processor of that kind was reported to give 8.7, 7.2, 8.1
for W1-W3 and 51 for the stack.

| µs a step, and PyTorch / ours | kernel SkylakeX | kernel Haswell | Haswell, NumPy without AVX-512 | goal |
| ----------------------------- | --------------- | -------------- | ------------------------------ | ---- |
| W1                            | 21.7, 12.3      | 23.6, 11.9     | 24.2, 11.5                     | 10   |
| W2                            | 29.7, 9.9       | 35.5, 8.4      | 36.5, (8.1)                    | 8    |
| W3                            | 27.5, 10.1      | 33.0, 8.5      | 34.4, (8.2)                    | 7    |
| K100, µs a model, beside loop | 2.37, 113       | 3.27, 86       | 4.09, (69)                     | 100  |

- **W1 to W3**: the eight products of W2 take 13.5 µs instead of 8.2, those of W1 5.7 instead of 4.3. With AVX-512
  OpenBLAS has kernels for small matrices; Haswell's first copies both matrices into an order of its own, which a
  product of 17 x 3 x 32 numbers pays for as a large one does. All else is the number of NumPy's calls, as with AVX-512.
- **100 models**: 1.9 of 4.1 µs a model are products instead of 1.1; the smallest, of 2 x 17 x 32 numbers, takes 0.14
  instead of 0.05. `np.matmul` calls BLAS once a model, so nothing is lost between the calls. 1.2 are tanh, which NumPy
  works out in 0.62 µs for 544 numbers instead of in 0.19. Fewer, larger products for several models would be faster and
  would no longer be those of the solo run; so this stays below its goal there.
- **Tried and left**: turning the mask of ReLU and the softmax's one-hot into numbers before they are multiplied or
  subtracted: the same bits, 2 % of W2's step, for one more array a layer.
"""


def main() -> None:
    """Measure what is asked for, print the tables, write them if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", help="write the result to this file")
    parser.add_argument("--docs", help="write the tables to this Markdown file")
    parser.add_argument("--rounds", type=int, default=9, help="rounds, at least 7 for a figure to quote (default 9)")
    known = [*WORKLOADS, "stack", "memory"]
    parser.add_argument("--only", default=",".join(known), help="what to measure")
    given = parser.parse_args()
    wanted = parts(parser, given.only, known)
    threadpool_limits(1, user_api="blas")  # NumPy's; PyTorch's threads are set by each of its contenders
    result = {"machine": f"{machine()}; {arithmetic()}"}
    for name, work in WORKLOADS.items():
        if name in wanted:
            result[name] = measure(work, given.rounds)
    if "stack" in wanted:
        result["stack"] = measure_stacks(given.rounds)
    if "memory" in wanted:
        result["memory"] = memory.measure()
    text = as_text(result)
    print(text)
    write_json(given.json, result)
    if given.docs:
        with open(given.docs, "w", encoding="utf-8", newline="\n") as file:
            file.write(INTRODUCTION + text + "\n" + PROFILE)


if __name__ == "__main__":
    main()
