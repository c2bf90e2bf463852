"""The optimiser at work on the parameters of a run: what it remembers, its rate at each step, and the penalties.

Settings name these as a person chooses them; here they stand in the form that a step uses, in theta's dtype.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from nn_core.kinds import Optimiser
from nn_core.settings import Settings, check_per_model


class Updates:
    """Makes the updates of `theta` from `gradient`, both `(..., parameters)`, which it is given once.

    weights `(parameters,)`: 1 where a parameter is a weight. models: how many a stack has, None for one alone. update:
    makes of (theta, gradient, slots, weights) a function that applies an optimiser in place (fast/updates.py). slots
    `(..., parameters)` each, count: what the optimiser remembers, and the updates since its memory was empty.
    """

    def __init__(
        self,
        theta: np.ndarray,
        gradient: np.ndarray,
        weights: np.ndarray,
        models: int | None,
        settings: Settings,
        update: Callable[..., Callable[..., None]],
    ):
        self._theta, self._gradient, self._weights, self._models = theta, gradient, weights, models
        self._make, self._number = update, theta.dtype.type
        self._optimiser: Optimiser | None = None
        self.count = 0
        self.take(settings)

    def take(self, settings: Settings) -> None:
        """Go by these settings from now on. A new kind of optimiser starts with an empty memory.

        Raises ValueError where a setting has one number per model, but not as many as there are models.
        """
        check_per_model(settings, self._models)
        self._rate = _per_model(settings.learning_rate)
        self._rate_per_model = isinstance(self._rate, np.ndarray)
        self.penalties = {
            name: np.asarray(_per_model(strength), self._theta.dtype)
            for name, strength in (("l1", settings.l1), ("l2", settings.l2))
            if np.any(strength)
        }
        if type(self._optimiser) is not type(settings.optimiser):
            self.slots = [np.zeros_like(self._theta) for _ in settings.optimiser.slots]
            self._update = self._make(self._theta, self._gradient, self.slots, self._weights)
            self.count = 0
        self._optimiser, self._schedule = settings.optimiser, settings.schedule

    def rate(self, epoch: float) -> np.floating | np.ndarray:
        """The learning rate after so many epochs, in theta's dtype: a number, or one per model, `(models, 1)`."""
        rate: Any = self._rate * self._schedule.factor(epoch)
        return rate.astype(self._number) if self._rate_per_model else self._number(rate)

    def upcoming(self, epoch: float) -> dict:
        """What the next update will be made with, after so many epochs; slots are copies."""
        slots = [slot.copy() for slot in self.slots]
        return {"rate": self.rate(epoch), "slots": slots, "t": self.count + 1, **self.penalties}

    def make(self, epoch: float) -> None:
        """One update, after so many epochs."""
        self.count += 1
        self._update(self._optimiser, self.rate(epoch), self.count, **self.penalties)

    def save(self) -> dict:
        """All that is needed to go on; arrays are copies."""
        return {"slots": [slot.copy() for slot in self.slots], "count": self.count}

    def restore(self, saved: dict) -> None:
        """Go on from what `save` gave."""
        for slot, values in zip(self.slots, saved["slots"], strict=True):
            slot[...] = values
        self.count = saved["count"]


def _per_model(value: Any) -> Any:
    """A number as it is; one per model as a column, so that it spreads over the parameters."""
    return float(value) if np.ndim(value) == 0 else np.asarray(value, np.float64)[:, None]
