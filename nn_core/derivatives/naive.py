"""What a gradient costs without backpropagation: one perturbation per parameter, measured.

The naive gradient moves one parameter after the other by a little and looks what the loss does: N + 1 forward passes
for N parameters. Backpropagation takes one pass forward and one back, which together cost about three forward passes,
whatever N is.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from nn_core.activations import Tanh
from nn_core.initialisers import Glorot
from nn_core.layers import Dense
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.network import Network
from nn_core.step import backpropagate

WIDTHS = (4, 8, 16, 32, 64)
LONGEST = 5.0  # seconds; a network whose naive gradient would take longer is left out


@dataclass(frozen=True)
class Cost:
    """Seconds for one gradient of a network with so many parameters."""

    parameters: int
    naive_seconds: float
    backprop_seconds: float

    @property
    def ratio(self) -> float:
        """How many times longer the naive way takes."""
        return self.naive_seconds / self.backprop_seconds


def naive_gradient(function: Callable[[np.ndarray], float], array: np.ndarray, eps: float = 1e-6) -> np.ndarray:
    """The gradient of `function(array)`, one number, by forward differences: (f(x + eps) - f(x)) / eps for each number.

    The error falls with eps only, so half of the digits are lost; `numeric_gradient` of checks.py is the better
    witness.
    """
    start, gradient, moved = function(array), np.empty(array.shape), array.copy()
    for place in np.ndindex(array.shape):
        moved[place] = array[place] + eps
        gradient[place] = (function(moved) - start) / eps
        moved[place] = array[place]
    return gradient


def naive_cost(widths: Sequence[int] = WIDTHS, samples: int = 32, rounds: int = 3) -> list[Cost]:
    """Measure both ways on networks 2-n-n-2 with tanh, for each width n, on one batch; medians of `rounds`.

    Widths must grow; the first whose naive gradient would take more than LONGEST seconds ends the list.
    """
    if not widths or min(widths) < 1 or list(widths) != sorted(set(widths)):
        raise ValueError(f"widths must be whole numbers of at least 1 that grow, not {widths}.")
    for name, count in (("samples", samples), ("rounds", rounds)):
        if count < 1:
            raise ValueError(f"{name} must be a whole number of at least 1, not {count}.")
    generator = np.random.default_rng(0)
    x, targets = generator.standard_normal((samples, 2)), generator.integers(0, 2, samples)
    costs = []
    for width in widths:
        network, loss = (
            Network((Dense(width, Tanh()), Dense(width, Tanh()), Dense(2)), (2,), np.float64),
            SoftmaxCrossEntropy(),
        )
        theta = network.init(Glorot(), 0)

        def value(theta, network=network, loss=loss):
            return loss.value(network.forward(x, network.views(theta))[0], targets)

        def backprop(network=network, loss=loss, theta=theta):
            return backpropagate(network, loss, theta, x, targets).gradient

        if _seconds(lambda value=value, theta=theta: value(theta), 5) * network.size * rounds > LONGEST:
            break
        naive = _seconds(lambda value=value, theta=theta: naive_gradient(value, theta), rounds)
        costs.append(Cost(network.size, naive, _seconds(backprop, 20 * rounds)))
    return costs


def _seconds(function, rounds):
    """The median time of a call, after one to warm up."""
    taken = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        function()
        taken.append(time.perf_counter() - start)
    return median(taken[1:])
