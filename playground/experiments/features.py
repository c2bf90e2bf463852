"""Features: what the network is shown of the inputs.

On data with two inputs a person may add squares, a product and sines; on one input those that need only that one; on
more, each input itself can be switched. A feature is computed from the inputs as the network is given them, that is,
after standardising where that is on.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from playground.datasets.base import input_names

MOST_NAMED = 20  # features that a sentence names


@dataclass(frozen=True)
class Feature:
    """One column of the network's input. `compute` takes inputs `(samples, inputs)` and gives `(samples,)`."""

    key: str
    label: str
    help: str
    compute: Callable[[np.ndarray], np.ndarray]


PLANE_FEATURES = {
    feature.key: feature
    for feature in (
        Feature("x1", "x₁", "the first input", lambda x: x[:, 0]),
        Feature("x2", "x₂", "the second input", lambda x: x[:, 1]),
        Feature("x1^2", "x₁²", "the first input squared", lambda x: x[:, 0] ** 2),
        Feature("x2^2", "x₂²", "the second input squared", lambda x: x[:, 1] ** 2),
        Feature("x1x2", "x₁x₂", "the product of the two inputs", lambda x: x[:, 0] * x[:, 1]),
        Feature("sin1", "sin x₁", "the sine of the first input", lambda x: np.sin(x[:, 0])),
        Feature("sin2", "sin x₂", "the sine of the second input", lambda x: np.sin(x[:, 1])),
    )
}
LINE_FEATURES = {key: PLANE_FEATURES[key] for key in ("x1", "x1^2", "sin1")}


def available(inputs: int) -> dict[str, Feature]:
    """The features that data with so many inputs offer, by key, in the order in which they are shown."""
    if inputs <= 2:
        return PLANE_FEATURES if inputs == 2 else LINE_FEATURES
    return {f"x{i + 1}": _column(i, name) for i, name in enumerate(input_names(inputs))}


def in_words(offered: Iterable[str]) -> str:
    """The keys of features for a sentence; of many, the first and the last."""
    keys = list(offered)
    return ", ".join(keys) if len(keys) <= MOST_NAMED else f"{keys[0]} to {keys[-1]}"


def drawn(keys: Iterable[str], on: Iterable[str], most: int) -> list[str]:
    """Which of the features a drawing with room for so many shows: those that are on first, in the usual order."""
    keys, on = list(keys), set(on)
    chosen = set(sorted(keys, key=lambda key: key not in on)[:most])  # stable: each kind stays in its order
    return [key for key in keys if key in chosen]


def usual(inputs: int) -> tuple[str, ...]:
    """The features that are on unless a person chooses others: each input itself."""
    return tuple(f"x{i + 1}" for i in range(inputs))


def _column(index: int, name: str) -> Feature:
    return Feature(f"x{index + 1}", name, f"input {index + 1}", lambda x: x[:, index])
