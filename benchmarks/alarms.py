"""How often the gradient lab errs: false alarms on right backward passes, and planted mistakes that it misses.

For each activation and seed one network is drawn, of 1 to 4 hidden layers of 2 to 64 units, dense or residual, and
looked at as the page does: the slopes of the whole network and of its first layer, and number by number. Then each
mistake of faults.py is planted in it. It must be found in each gradient that it changes by more than CHANGED, and
nowhere else.
"""

import sys
import time
from collections import Counter
from collections.abc import Mapping

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.report import machine, write_json
from nn_core.activations import ACTIVATIONS
from nn_core.derivatives.objectives import MovedNetwork
from nn_core.random import stream
from playground.experiments.faults import FAULTS
from playground.experiments.gradient_lab import Problem, finding, problem

SEEDS = 1000
DEPTHS, WIDTHS = (1, 2, 3, 4), (2, 64)
CHANGED = 1e-3  # of the gradient's largest number, or of 1 where that is larger
TINY = 1e-9  # a gradient whose largest number is smaller is rounding
NUMBERED = 300  # parameters; the numbers of larger networks are not looked at one by one
EXAMPLES = 5
COLUMNS = ("networks", "tests", "false alarms", "unclear", "planted", "changed gradients", "missed")
EVERY = 50  # seeds between two words of progress


def drawn_net(seed: int) -> str:
    """The hidden layers of a seed as in a link: depths in turn; half of the networks have equal widths."""
    draw, (least, most) = stream(seed, "alarms"), WIDTHS
    depth = DEPTHS[seed % len(DEPTHS)]
    widths = np.exp(draw.uniform(np.log(least), np.log(most + 1), depth)).astype(int)  # many narrow, some wide
    if draw.random() < 0.5:
        widths[:] = widths[0]
    kinds = np.where(draw.random(depth) < 0.3, "res", "")
    return "-".join(f"{kind}{width}" for kind, width in zip(kinds, widths, strict=True))


def counted(net: str, activation: str, seed: int) -> tuple[Counter, list[str]]:
    """What the lab says of one network, right and with each mistake: COLUMNS, and a line for each error."""
    right = problem(net, activation, seed)
    count, lines = Counter(networks=1), []

    def wrongly(kind, fault, names):
        lines.append(f"{kind}: net={net}&activation={activation}&seed={seed}&fault={fault}: {', '.join(names)}")

    for of_layer in (False, True):
        tests = right.tests(of_layer)
        errors = right.errors(of_layer) if right.network.size <= NUMBERED else {}
        found = finding(tests, errors, FAULTS["none"])
        count["tests"] += len(tests)
        count["unclear"] += sum(test.verdict == "unclear" for test in tests)
        count["false alarms"] += len(found.wrong)
        if found.kind != "right":
            wrongly(found.kind, "none", found.wrong)
    honest = _gradients(right)
    for fault in [name for name in FAULTS if name != "none"]:
        try:
            planted = problem(net, activation, seed, fault)
        except ValueError:  # it has no place in this network
            continue
        tests = planted.tests()
        changes = {name: np.abs(values - honest[name]).max() for name, values in _gradients(planted).items()}
        least = {name: max(TINY, CHANGED * min(1.0, np.abs(values).max())) for name, values in honest.items()}
        missed = [test.name for test in tests if changes[test.name] > least[test.name] and test.passed]
        alarms = [test.name for test in tests if changes[test.name] == 0 and not test.passed]
        count["planted"] += 1
        count["tests"] += len(tests)
        count["changed gradients"] += sum(bool(changes[name] > least[name]) for name in changes)
        count["missed"] += len(missed)
        count["false alarms"] += len(alarms)
        for kind, names in (("missed", missed), ("false alarm", alarms)):
            if names:
                wrongly(kind, fault, names)
    return count, lines


def measure(activation: str, seeds: int = SEEDS) -> tuple[Counter, list[str]]:
    """The counts and lines of an activation; says on standard error how far it is."""
    counts, lines, began = Counter(), [], time.monotonic()
    with threadpool_limits(1, user_api="blas"):
        for seed in range(seeds):
            count, errors = counted(drawn_net(seed), activation, seed)
            counts, lines, done = counts + count, lines + errors, seed + 1
            if done % EVERY == 0 or done == seeds:
                left = (time.monotonic() - began) / done * (seeds - done)
                says = f"{activation}, seed {seed}: {counts['false alarms']} false alarms, {counts['missed']} missed"
                print(f"\r{says}; {left:.0f} s left".ljust(79), end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return counts, lines


def report(seeds: int, path: str | None) -> int:
    """Measure, print a row for each activation and the first errors, write JSON where it is asked for.

    Returns 1 if there is a false alarm, a miss, or a test that could tell nothing; else 0.
    """
    about, began, found = machine(), time.monotonic(), {}
    print("activation  " + "  ".join(COLUMNS))
    for name in ACTIVATIONS:
        counts, lines = measure(name, seeds)
        found[name] = {column: counts[column] for column in COLUMNS}
        print(_row(name, counts), *lines[:EXAMPLES], sep="\n", flush=True)
    totals = {column: sum(counts[column] for counts in found.values()) for column in COLUMNS}
    seconds = time.monotonic() - began
    print(_row("all", totals))
    print(f"\nseeds 0 to {seeds - 1} of each activation in {seconds / 60:.0f} min\n{about}")
    write_json(path, {"alarms": found, "all": totals, "seeds": seeds, "seconds": seconds, "machine": about})
    return int(any(totals[column] for column in ("false alarms", "unclear", "missed")))


def _row(name: str, counts: Mapping[str, int]) -> str:
    return f"{name:<10}  " + "  ".join(f"{counts[column]:>{len(column)},}" for column in COLUMNS)


def _gradients(problem: Problem) -> dict[str, np.ndarray]:
    """Each gradient that the slope tests look at, by its name."""
    at = MovedNetwork(problem.network, problem.loss, problem.theta, problem.x, problem.targets, 0.0, None)
    parameters = {name: at.gradient[place] for name, place in at.places()}
    return parameters | {"x": at.dx, "all parameters": np.concatenate([*parameters.values()])}
