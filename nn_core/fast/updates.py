"""Updates in blocks that stay in the cache.

An optimiser is written as if the parameters were one array, and each of its operations makes a new one. With more
numbers than the cache holds, each such array travels to memory and back; so the optimiser is handed one block after
the other. It works number by number and does not notice. Very many blocks are shared out to two threads.
"""

from typing import Any

import numpy as np

from nn_core.fast import threads
from nn_core.kinds import Optimiser, Rate, Shape

BLOCK = 131_072  # numbers
MANY = 2  # blocks, from which on two threads share them


class Update:
    """Applies an optimiser and the penalties to `theta` `(..., parameters)`, given gradient, slots and weights mask.

    The L2 penalty's pull is a part of the gradient. The L1 penalty's comes after the step, and takes off a weight what
    the optimiser makes of it (`pull`), at most all of it: a weight that it would carry across 0 stops at 0.
    """

    def __init__(self, theta: np.ndarray, gradient: np.ndarray, slots: list[np.ndarray], weights: np.ndarray):
        self._blocks = [
            (models, theta[place], gradient[place], [slot[place] for slot in slots], weights[place[-1]])
            for models, place in _places(theta.shape)
        ]
        self._penalised = [None if np.all(block[-1]) else block[-1] for block in self._blocks]  # None: all of them

    def __call__(
        self, optimiser: Optimiser, rate: Rate, t: int, l1: Rate | None = None, l2: Rate | None = None
    ) -> None:
        """One update. rate: a number, or a column of one per model, in theta's dtype; l1, l2: the like, or None."""

        def half(part) -> None:
            for number in range(part, len(self._blocks), parts):
                self._update(number, optimiser, rate, t, l1, l2)

        parts = threads.PARTS if len(self._blocks) >= MANY else 1
        if parts == 1:
            half(0)
        else:
            threads.run(half)

    def _update(self, number: int, optimiser: Optimiser, rate: Rate, t: int, l1: Rate | None, l2: Rate | None) -> None:
        models, theta, gradient, slots, weights = self._blocks[number]
        penalised = self._penalised[number]
        rate, l1, l2 = (_of_models(value, models) for value in (rate, l1, l2))
        if l2 is not None:
            gradient += l2 * (theta if penalised is None else penalised * theta)
        optimiser.update(theta, gradient, slots, rate, t, weights)
        if l1 is not None:
            pull = optimiser.pull(l1, slots, rate, t)
            pull = pull if penalised is None else pull * penalised
            theta -= np.clip(theta, -pull, pull)


def _of_models(value: Any, models: Any) -> Any:
    """Of a column of one number per model, those of these models; anything else as it is."""
    return value[models] if isinstance(value, np.ndarray) and value.ndim else value


def _places(shape: Shape):
    """(models, place): slices of the models alone, and of models and parameters, in blocks of at most BLOCK numbers."""
    *lead, size = shape
    parts = [slice(start, start + BLOCK) for start in range(0, size, BLOCK)]
    if not lead:
        return [((), (part,)) for part in parts]
    many = max(1, BLOCK // size)
    return [((rows := slice(k, k + many),), (rows, part)) for k in range(0, lead[0], many) for part in parts]
