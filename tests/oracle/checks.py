"""The truth table: everything that nn_core is held to, against which witness, and within which bound.

A check knows its cases and how to measure one of them. tests/nn_core/test_torch.py and test_truth.py run over all of
them, and `python -m benchmarks.truth` prints them: the table says nothing that the tests do not hold.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from nn_core.initialisers import Glorot, He, LeCun, Normal, Zeros
from nn_core.optimisers import OPTIMISERS
from nn_core.schedules import SCHEDULES
from nn_core.spec import name_of, show
from tests.nn_core.members import REGISTRIES, variants
from tests.nn_core.test_optimisers import BY_HAND as OPTIMISERS_BY_HAND
from tests.nn_core.test_optimisers import L1_BY_HAND, steps_of, steps_with_l1
from tests.nn_core.test_schedules import BY_HAND as SCHEDULES_BY_HAND
from tests.oracle import answers, differences, errors, published
from tests.oracle.problems import DRAWN, NETWORKS
from tests.oracle.runs import RUNS

PYTORCH = 1e-10  # |ours - theirs| / max(1, |theirs|), float64
DIFFERENCES = 1e-7  # relative
BY_HAND = 1e-14  # numbers worked out on paper
PRINTED = 0.51  # units of the last printed digit: half of one is what printing rounds off
EXACT_LAW = 1.95 / 60_000**0.5  # Kolmogorov's distance of 60,000 numbers, exceeded by chance once in a thousand times

# The law by which the papers' formulas draw, given the fans. Zeros has none.
LAWS = {
    Normal: lambda c, fan_in, fan_out: _law("normal", c.std**2),
    Glorot: lambda c, fan_in, fan_out: _law(c.distribution, 2 / (fan_in + fan_out)),
    He: lambda c, fan_in, fan_out: _law(c.distribution, 2 / fan_in),
    LeCun: lambda c, fan_in, fan_out: _law(c.distribution, 1 / fan_in),
}
FANS = {"dense": (300, 200), "conv2d": (5 * 5 * 20, 5 * 5 * 120)}


@dataclass(frozen=True)
class Check:
    """One topic against one witness. cases: text -> (row of the table, what is measured)."""

    topic: str
    witness: str
    bound: float
    cases: dict[str, tuple[str, object]]
    measure: Callable  # (case) -> worst error; against PyTorch: (case, source)


def against_pytorch() -> list[Check]:
    """One check per topic; a schedule that PyTorch does not have is left out."""
    measures = {
        "layers": errors.layer,
        "activations": errors.activation,
        "losses": errors.loss,
        "optimisers": errors.optimiser,
        "schedules": errors.schedule,
        "initialisers": errors.initialiser,
    }
    checks = [Check(topic, "PyTorch", PYTORCH, _members(topic), measure) for topic, measure in measures.items()]
    return [
        *checks,
        Check("networks", "PyTorch", PYTORCH, _names(NETWORKS), errors.network),
        Check("runs", "PyTorch", PYTORCH, _names(RUNS), errors.run),
    ]


def without_pytorch() -> list[Check]:
    """Finite differences, numbers worked out by hand, exact laws, published numbers."""
    return [
        Check("layers", "finite differences", DIFFERENCES, _members("layers"), differences.layer),
        Check("activations", "finite differences", DIFFERENCES, _members("activations"), differences.activation),
        Check("losses", "finite differences", DIFFERENCES, _members("losses"), differences.loss),
        Check("networks", "finite differences", DIFFERENCES, _names(NETWORKS), differences.network),
        Check("optimisers", "steps by hand", BY_HAND, _by_hand(OPTIMISERS_BY_HAND, OPTIMISERS), _optimiser_by_hand),
        Check("L1 penalty", "steps by hand", BY_HAND, _by_hand(L1_BY_HAND, OPTIMISERS), _l1_by_hand),
        Check("schedules", "values by hand", BY_HAND, _by_hand(SCHEDULES_BY_HAND, SCHEDULES), _schedule_by_hand),
        Check("initialisers", "the exact law", EXACT_LAW, _members("initialisers"), distance_from_law),
        Check("published numbers", "printed digits", PRINTED, _names(published.PUBLISHED), published.error),
    ]


def distance_from_law(choice) -> float:
    """Kolmogorov's distance of 60,000 first weights from the law that they should follow, the worse of two layers."""
    distances = []
    for where in DRAWN:
        weights, _ = errors.drawn(choice, where)
        if isinstance(choice, Zeros):
            distances.append(np.abs(weights).max())
        else:
            law = LAWS[type(choice)](choice, *FANS[where])
            distances.append(stats.kstest(weights.ravel(), law.cdf).statistic)
    return errors.worst(distances)


def _law(distribution, variance):
    if distribution == "normal":
        return stats.norm(scale=variance**0.5)
    bound = (3 * variance) ** 0.5
    return stats.uniform(-bound, 2 * bound)


def _optimiser_by_hand(case):
    optimiser, gradients, weight, bias = case
    return errors.difference(steps_of(optimiser, gradients), np.stack([weight, bias or weight], axis=-1))


def _l1_by_hand(case):
    *given, weight = case
    return errors.difference(steps_with_l1(*given), weight)


def _schedule_by_hand(case):
    schedule, values = case
    return errors.difference([schedule.factor(epoch) for epoch in values], list(values.values()))


def _members(topic):
    table = REGISTRIES[topic]
    absent = answers("schedules", "record")["no twin"] if topic == "schedules" else {}
    return {
        show(choice, table): (name, choice)
        for name, kind in table.items()
        if name not in absent
        for choice in variants(kind)
    }


def _by_hand(cases, table):
    return {f"{number} {show(case[0], table)}": (name_of(case[0], table), case) for number, case in enumerate(cases)}


def _names(table):
    return {name: (name, name) for name in table}
