"""A network with its loss as a function of its parameters and inputs, for the tests of its gradient."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nn_core.derivatives.checks import check_arrays
from nn_core.derivatives.kinks import HIGH, LOW, OWN, Watch, gradient_by_differences
from nn_core.kinds import Loss
from nn_core.network import Network
from nn_core.settings import check_parts
from nn_core.step import backpropagate

EPS = 1e-3
SMALL = 1e-8  # numbers of a gradient below this are compared by their difference, with steps of EPS


class MovedNetwork:
    """A network at one point, and its gradient there by its own backward pass: `gradient` (parameters,) and `dx`.

    theta `(parameters,)`, x `(samples, *input_shape)`. l2: strength of a penalty (l2 / 2) * sum(W^2) that is part of
    the objective. rng: gives the same new generator at each call, which means training; None: the network predicts.
    watch: has seen on which kinks the point lies. Raises TypeError for anything but float64; ValueError where theta, x
    or targets do not fit the network or its loss.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        theta: np.ndarray,
        x: np.ndarray,
        targets: np.ndarray,
        l2: float,
        rng: Callable | None,
    ):
        check_arrays(theta=theta, x=x)
        if theta.shape != (network.size,):
            raise ValueError(f"theta has the shape {theta.shape}; the network has {network.size:,} parameters.")
        network = Network(network.layers, network.input_shape, np.float64)  # the same one, whatever it trains in
        self.theta, self.loss, self.l2, self.rng = theta, loss, l2, rng
        self.x, self.targets = check_parts({"train": (x, targets)}, network, loss)["train"]
        self.weights, self.watch = network.weights_mask(), Watch(network.layers)
        self.network, self.watched = network, copy.copy(network)
        self.watched.layers = self.watch.layers
        self.watch.settle(self.value)
        passes = backpropagate(network, loss, theta, self.x, self.targets, rng() if rng else None, need_dx=True)
        self.dx: Any = passes.dx
        self.gradient = passes.gradient + l2 * self.weights * theta

    def value(self, theta: np.ndarray | None = None, x: np.ndarray | None = None) -> float:
        """The loss with its penalty, seen by the watch."""
        theta = self.theta if theta is None else theta
        params = self.network.views(theta.copy())  # batch normalisation moves its statistics
        outputs, _ = self.watched.forward(self.x if x is None else x, params, self.rng() if self.rng else None)
        return float(self.loss.value(outputs, self.targets)) + self.l2 / 2 * float((self.weights * theta**2).sum())

    def places(self) -> Iterator[tuple[str, slice]]:
        """Name and slice of theta of each parameter that is learned."""
        for number, places in enumerate(self.network.places):
            for name, (offset, parameter) in places.items():
                if parameter.learned:
                    yield f"{number}.{name}", slice(offset, offset + int(np.prod(parameter.shape)))


def number_errors(
    watch: Watch, function: Callable[[np.ndarray], float], array: np.ndarray, gradient: np.ndarray, eps: float = EPS
) -> np.ndarray:
    """The relative error of each number of a gradient, in its shape; on a kink, against the side it comes nearest to.

    function(array): one number, by a forward pass of the watched layers. Numbers so small that rounding hides them are
    compared by their difference.
    """
    found, size = [], max(1.0, abs(watch.traced(lambda: function(array))[0]))
    for choice in (OWN, LOW, HIGH) if watch.tied else (OWN,):
        numeric, steps = gradient_by_differences(
            lambda moved, choice=choice: watch.traced(lambda: function(moved), choice), array, eps
        )
        scale = np.maximum(SMALL * size * EPS / steps, np.abs(gradient) + np.abs(numeric))
        found.append((numeric, np.abs(gradient - numeric) / scale))
    numbers = np.stack([numeric for numeric, _ in found])
    between = (numbers.min(axis=0) < gradient) & (gradient < numbers.max(axis=0))
    return np.where(between, 0, np.min([errors for _, errors in found], axis=0))
