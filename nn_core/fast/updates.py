"""Updates in blocks that stay in the cache.

An optimiser is written as if the parameters were one array, and each of its operations makes a new one. With more
numbers than the cache holds, each such array travels to memory and back; so the optimiser is handed one block after
the other. It works number by number and does not notice. Very many blocks are shared out to two threads.
"""

from collections.abc import Sequence

import numpy as np

from nn_core.fast import threads

BLOCK = 131_072  # numbers
MANY = 2  # blocks, from which on two threads share them


class Update:
    """Applies penalties and an optimiser to `theta` `(..., parameters)`, given its gradient, slots and weights mask."""

    def __init__(self, theta: np.ndarray, gradient: np.ndarray, slots: list[np.ndarray], weights: np.ndarray):
        self._blocks = [
            (models, theta[place], gradient[place], [slot[place] for slot in slots], weights[place[-1]])
            for models, place in _places(theta.shape)
        ]
        self._penalised = [None if np.all(block[-1]) else block[-1] for block in self._blocks]  # None: all of them

    def __call__(self, optimiser, rate, t: int, penalties: Sequence[tuple] = ()) -> None:
        """One update. rate: a number, or a column of one per model, in theta's dtype.

        penalties: pairs of a strength, which is like the rate, and the function of theta that gives the pull.
        """

        def half(part):
            for number in range(part, len(self._blocks), parts):
                self._update(number, optimiser, rate, t, penalties)

        parts = threads.PARTS if len(self._blocks) >= MANY else 1
        if parts == 1:
            half(0)
        else:
            threads.run(half)

    def _update(self, number, optimiser, rate, t, penalties):
        models, theta, gradient, slots, weights = self._blocks[number]
        for strength, pull in penalties:
            pulled = pull(theta) if self._penalised[number] is None else weights * pull(theta)
            gradient += (strength[models] if np.ndim(strength) else strength) * pulled
        optimiser.update(theta, gradient, slots, rate[models] if isinstance(rate, np.ndarray) else rate, t, weights)


def _places(shape):
    """(models, place): slices of the models alone, and of models and parameters, in blocks of at most BLOCK numbers."""
    *lead, size = shape
    parts = [slice(start, start + BLOCK) for start in range(0, size, BLOCK)]
    if not lead:
        return [((), (part,)) for part in parts]
    many = max(1, BLOCK // size)
    return [((rows := slice(k, k + many),), (rows, part)) for k in range(0, lead[0], many) for part in parts]
