"""Kinks: where the two lines of a ReLU meet, or the winner of a max pool changes, and f has no derivative.

A kink is no fault of the backward pass, but it spoils every test by differences. Two things can happen:

    a step crosses one      f(x + eps d) then lies on another piece of f than f(x), and says nothing of the derivative
                            at x. `Watch` tells: it notes on which side of each kink a forward pass goes, and whoever
                            measures takes a smaller step. Points on one piece are exact, whatever lies between.
    x itself lies on one    a sum that is exactly 0 (a row of zeros, a bias of 0), equal numbers in a window. No step is
                            small enough, and any derivative between those of the two sides is a right answer. The
                            function is then measured with that unit held to one side: the one that its own
                            `derivative` takes (OWN), or, for those who decide otherwise, all to LOW or all to HIGH.

A layer whose kinks nobody knows (its own code, without an activation of nn_core) is measured all the same: verdicts.py
looks closer before it accuses.
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nn_core.kinds import Activation, Layer, Params, Rng
from nn_core.layers import MaxPool2D
from nn_core.layers.pictures import windows

OWN, LOW, HIGH, FREE = "own", "low", "high", "free"  # to which side the units on a kink are held; FREE: to none
TIE = 1e-8  # times the typical size of the numbers: nearer to a kink, no step has digits enough to stay on its side
CLOSE = 2.0**-30  # where the slope on either side of z = 0 is read off
SHRINKS = 10  # times that a difference in one number may be made smaller
SMALLER = 4.0  # by so much each time
BEND = 3e-3  # the share by which differences of second and fourth order may differ; the fourth is then good to 1e-5
ROUNDING = 1e-14  # the share of f that differences cannot see


class Watch:
    """Layers whose forward passes tell on which side of each kink they went.

    layers: copies to run forward in place of the real ones. `settle(run)` comes first, where run() makes a forward
    pass at the point that is tested: it finds which units lie on a kink. tied: how many do so exactly; holds: whether
    any do, or nearly.
    """

    def __init__(self, layers: Sequence[Layer]):
        self.layers: tuple[Any, ...] = tuple(_watched(layer, self) for layer in layers)
        self.tied, self.holds = 0, False
        self._held = {}  # for each choice, what is held at each place that has kinks, in the order of the pass
        self._choice, self._settling = FREE, False
        self._seen = []

    def settle(self, run: Callable[[], object]) -> None:
        """Note which units lie on a kink, for all that follows."""
        for choice in (OWN, LOW, HIGH):
            self._held[choice], self.tied, self._settling = [], 0, True
            try:
                self.traced(run, choice)
            finally:
                self._settling = False

    def traced(self, run: Callable[[], Any], choice: str = OWN) -> tuple[Any, np.ndarray]:
        """What run(), one forward pass, returns; and `(kinks,)` on which side of each it went."""
        self._choice, self._seen = choice, []
        result = run()
        return result, np.concatenate([np.zeros(0, int), *(seen.ravel() for seen in self._seen)])

    def bend(self, activation: Activation, z: np.ndarray) -> np.ndarray:
        """activation.forward(z), seen."""
        y, held = activation.forward(z), self._hold(lambda: _held_bend(activation, z, self._choice))
        if held is None:
            self._seen.append(z > 0)
            return y
        mask, side, slope, _ = held
        self._seen.append((z > 0) & ~mask)
        kept = np.where(side * z >= 0, y, -activation.forward(-z))  # beyond its kink a piece goes on turned about 0
        return np.where(mask, np.where(side == 0, slope * z, kept), y)

    def pool(self, layer: MaxPool2D, x: np.ndarray) -> np.ndarray:
        """The largest number in each window, seen."""
        seen = windows(x, layer.size, layer.stride or layer.size)
        winner, held = seen.argmax(axis=-2), self._hold(lambda: _held_pool(seen, self._choice))
        if held is not None:
            mask, fixed, _ = held
            winner = np.where(mask, fixed, winner)
        self._seen.append(winner)
        return np.take_along_axis(seen, winner[..., None, :], axis=-2)[..., 0, :]

    def _hold(self, find):
        if self._choice == FREE:
            return None
        places = self._held[self._choice]
        if self._settling:
            found = find()
            self.tied += found[-1]
            self.holds = self.holds or bool(found[0].any())
            places.append(found if found[0].any() else None)
        return places[len(self._seen)]


def gradient_by_differences(
    traced: Callable[[np.ndarray], tuple[float, np.ndarray]], array: np.ndarray, eps: float
) -> tuple[np.ndarray, np.ndarray]:
    """The gradient of a function of a float64 `array`, and the step taken for each of its numbers, both in its shape.

    traced(array) gives the function and the sides of its kinks. Differences of fourth order, as `numeric_gradient` of
    checks.py; where one crosses a kink, or differs much from that of second order because the function bends a lot, its
    step is made smaller, down to eps / 4^10.
    """
    gradient, steps = np.empty(array.shape), np.empty(array.shape)
    value, sides = traced(array)
    digits = ROUNDING * max(1.0, abs(value))
    for place in np.ndindex(array.shape):
        for step in eps / SMALLER ** np.arange(SHRINKS + 1):
            values, stays = [], True
            for distance in (1, -1, 2, -2):
                moved = array.copy()
                moved[place] += distance * step
                value, there = traced(moved)
                values.append(value)
                stays = stays and np.array_equal(there, sides)
            ahead, behind, far_ahead, far_behind = values
            fourth = (8 * (ahead - behind) - (far_ahead - far_behind)) / (12 * step)
            second = (ahead - behind) / (2 * step)
            if stays and abs(fourth - second) <= BEND * abs(fourth) + digits / step:
                break
        gradient[place], steps[place] = fourth, step
    return gradient, steps


@dataclass(frozen=True)
class _Watched:
    """An activation that is watched."""

    activation: Activation
    watch: Watch

    def forward(self, z: np.ndarray):
        return self.watch.bend(self.activation, z)


class _WatchedPool:
    """A max pool that is watched."""

    def __init__(self, layer: MaxPool2D, watch: Watch):
        self.layer, self.watch = layer, watch

    def forward(self, x: np.ndarray, p: Params, rng: Rng = None):
        return self.watch.pool(self.layer, x), None


def _watched(layer: Layer, watch: Watch) -> Any:
    activation: Any = getattr(layer, "activation", None)
    if getattr(activation, "joined_at_zero", False):
        layer = copy.copy(layer)
        object.__setattr__(layer, "activation", _Watched(activation, watch))  # layers are frozen, this one is ours
    elif isinstance(layer, MaxPool2D) and type(layer).forward is MaxPool2D.forward:
        return _WatchedPool(layer, watch)
    return layer


def _held_bend(activation: Activation, z: np.ndarray, choice):
    """Which sums lie on the kink, the side to which each is held, the slope of those that are 0, and their number."""
    mask = np.abs(z) <= TIE * np.sqrt(np.mean(z * z))
    zero = np.zeros(1)
    low, high = (float(activation.forward(np.full(1, side * CLOSE))[0]) / (side * CLOSE) for side in (-1, 1))
    own = float(np.clip(activation.derivative(zero, activation.forward(zero))[0], min(low, high), max(low, high)))
    return mask, np.sign(z), {OWN: own, LOW: low, HIGH: high}[choice], int((mask & (z == 0)).sum())


def _held_pool(seen, choice):
    """Which windows have no clear winner, the one to which each is held, and how many have equal ones."""
    top = seen.max(axis=-2, keepdims=True)
    first, equal = seen.argmax(axis=-2), seen == top
    mask = (seen >= top - TIE * np.sqrt(np.mean(seen * seen))).sum(axis=-2) > 1
    last = seen.shape[-2] - 1 - np.flip(equal, axis=-2).argmax(axis=-2)
    return mask, last if choice == HIGH else first, int((equal.sum(axis=-2) > 1).sum())
