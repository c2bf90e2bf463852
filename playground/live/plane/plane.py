"""The plane that the output panel looks at: where in the space of the inputs it lies, and how far it reaches.

With two inputs it is simply the plane of x₁ and x₂. With more it is a slice: two of the inputs, the others held at
their means, or the plane of the first two principal components. With one input only its axis matters, and what is
asked for is drawn upwards: the value, or a lane for each class.
"""

import functools
import itertools
from dataclasses import dataclass

import numpy as np

from nn_core.spec import clip
from playground.datasets.base import Data

MARGIN = 0.07  # of the data's extent, on each side
PCA = "pca"
MOST_FEATURES = 20  # that are drawn, as many as units of a column
LANE = 0.6  # of the height of a class's lane that its points are spread over, so that they do not hide each other
GOLDEN = 0.6180339887498949  # its multiples, but for whole numbers, fill a lane evenly
LONGEST_NAME = 14  # characters of a class's name beside its lane
MOST_NAMED = 11  # views: those of five inputs


@dataclass(frozen=True, eq=False)
class Plane:
    """Points of the input space as `origin + u * across + v * up`; the vectors have shape `(inputs,)`."""

    origin: np.ndarray
    across: np.ndarray
    up: np.ndarray
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    x_label: str
    y_label: str
    lanes: tuple[str, ...] = ()  # the classes that stand upwards, where there is one input and they are asked for

    def points(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Where samples are drawn, `(samples, 2)`: on the plane, or, of one input, at the height of what is asked."""
        xy = self.project(x)
        if self.lanes:
            xy[:, 1] = y + LANE * (GOLDEN * np.arange(len(y)) % 1 - 0.5)
        elif not self.up.any():
            xy[:, 1] = y[:, 0]
        return xy

    def project(self, x: np.ndarray) -> np.ndarray:
        """Where inputs `(samples, inputs)` fall on the plane: `(samples, 2)`."""
        return np.stack([(x - self.origin) @ self.across, (x - self.origin) @ self.up], axis=1)

    def grid(self, side: int) -> np.ndarray:
        """Inputs at the middles of side x side cells, row by row from the TOP: `(side * side, inputs)`."""
        u = _middles(self.x_range, side)
        v = _middles(self.y_range, side)[::-1]
        v, u = np.meshgrid(v, u, indexing="ij")
        return self.origin + u.reshape(-1, 1) * self.across + v.reshape(-1, 1) * self.up

    def line(self, count: int) -> np.ndarray:
        """Inputs along the horizontal axis, from edge to edge: `(count, inputs)`."""
        return self.origin + np.linspace(*self.x_range, count)[:, None] * self.across


def views(inputs: int) -> list[str]:
    """The names of the planes that data with so many inputs can be looked at in; the first is the usual one.

    Of few inputs each pair is there once; of many, in both orders: across and up are then chosen one by one.
    """
    return list(_views(inputs))


@functools.lru_cache(8)
def _views(inputs):
    if inputs <= 2:
        return ("1-2",)
    once = [(i, j) for i in range(1, inputs) for j in range(i + 1, inputs + 1)]
    pairs = once if len(once) < MOST_NAMED else itertools.permutations(range(1, inputs + 1), 2)
    return (PCA, *(f"{i}-{j}" for i, j in pairs))


def views_in_words(names: list[str]) -> str:
    """Which views there are, for a sentence: by name, or where they are many, by how they are named."""
    if len(names) <= MOST_NAMED:
        return ", ".join(names)
    return f"{PCA}, or the numbers of two inputs such as {names[1]}, up to {names[-1]}"


def look(data: Data, view: str) -> Plane:
    """The plane called `view` (see `views`), wide enough for the training and test points."""
    x = data.train.x
    inputs = x.shape[1]
    x_label, y_label = (*data.inputs, "")[:2]
    if inputs == 1:
        basis, origin = np.array([[1.0], [0.0]]), np.zeros(1)
        if data.task == "classes":
            lanes = tuple(clip(name, LONGEST_NAME) for name in data.classes)
            return Plane(origin, *basis, _range(x[:, 0]), (-0.5, len(lanes) - 0.5), x_label, "class", lanes)
        values = np.concatenate([data.train.y, data.test.y])
        return Plane(origin, *basis, _range(x[:, 0]), _range(values), x_label, "y")
    if view == PCA:
        origin = x.mean(axis=0)
        basis = np.linalg.svd(x - origin, full_matrices=False)[2][:2]
        basis *= np.sign(basis[np.arange(2), np.abs(basis).argmax(axis=1)])[:, None]  # one sign on every machine
        x_label, y_label = "1st principal component", "2nd principal component"
    else:
        first, second = (int(part) - 1 for part in view.split("-"))
        basis = np.eye(inputs)[[first, second]]
        origin = x.mean(axis=0) * (1 - basis.sum(axis=0))
        x_label, y_label = data.inputs[first], data.inputs[second]
    shown = (np.concatenate([x, data.test.x]) - origin) @ basis.T
    return Plane(origin, *basis, _range(shown[:, 0]), _range(shown[:, 1]), x_label, y_label)


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers within a range, at most so many; its ends where numbers lie too close to have any between."""
    power = int(np.floor(np.log10((high - low) / most)))
    factor = next(factor for factor in (1, 2, 5, 10) if (high - low) / (factor * 10.0**power) <= most)
    step = factor * 10.0**power
    if step < 4 * np.spacing(max(abs(low), abs(high))):
        return [low, high]
    first, last = int(np.ceil(low / step)), int(np.floor(high / step))
    return [float(f"{number * factor}e{power}") for number in range(first, last + 1)]  # exact, however small


def _range(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = MARGIN * (high - low) or max(abs(low), 1.0)
    return low - margin, high + margin


def _middles(bounds: tuple[float, float], count: int) -> np.ndarray:
    low, high = bounds
    return low + (np.arange(count) + 0.5) * (high - low) / count
