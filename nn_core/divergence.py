"""Divergence is a state of a run, not a crash: a loss that is no longer a finite, sensible number ends it.

After every CHECK_EVERY steps and after each epoch the trainer looks whether all parameters are still finite. A model
that has diverged is put back to the last ones that were; alone it stops, in a stack it stands still while the others go
on.
"""

import numpy as np

CHECK_EVERY = 32  # steps between two looks at whether all parameters are still finite
LOSS_LIMIT = 1000.0  # a loss that is so many times its first value (or 1) has diverged, finite or not


def message(step: int) -> str:
    """What is said of a run in which every model has diverged, after so many steps."""
    return (
        f"Diverged at step {step:,}: the loss is no longer a finite, sensible number; "
        "lower the learning rate, then rewind."
    )


class Guard:
    """The last finite parameters of each model of `theta` `(..., parameters)`, and which models have diverged.

    theta is the trainer's own array, in which a model is put back. diverged, after: per model, `(...)`, whether it has
    and after how many steps. some_stand: whether there are such in a stack, to `hold` after each step.
    """

    def __init__(self, theta: np.ndarray):
        self._theta, self.good = theta, theta.copy()
        self.diverged = np.zeros(theta.shape[:-1], bool)
        self.after = np.zeros(theta.shape[:-1], np.int64)
        self._first_loss: np.ndarray | float = 0.0
        self.some_stand = False

    @property
    def all_diverged(self) -> bool:
        """Whether nobody is left to train."""
        return bool(np.all(self.diverged))

    def look(self, step: int) -> None:
        """Note the parameters of each model, or put back a model whose parameters are no longer finite."""
        finite = _finite(self._theta)
        self.good[finite] = self._theta[finite]
        self._put_back(~finite, step)

    def look_at_loss(self, losses: np.ndarray, step: int, least: float) -> None:
        """Put back a model whose loss is lost. losses: one per model; least: what its first loss counts at least."""
        if step == 0:
            self._first_loss = np.maximum(losses, least)
        else:
            self._put_back(~(np.isfinite(losses) & (losses <= LOSS_LIMIT * self._first_loss)), step)

    def hold(self) -> None:
        """Put back the models of a stack that have diverged, after a step that moved all."""
        self._theta[self.diverged] = self.good[self.diverged]

    def finite(self) -> np.ndarray:
        """A copy of theta; what has overflowed since the last look is as it was then."""
        theta = self._theta.copy()
        lost = ~_finite(theta)
        theta[lost] = self.good[lost]
        return theta

    def save(self) -> dict:
        """All that is needed to go on; arrays are copies."""
        copies = {name: getattr(self, name).copy() for name in ("good", "diverged", "after")}
        return copies | {"first_loss": self._first_loss}

    def restore(self, saved: dict) -> None:
        """Go on from what `save` gave."""
        self.good, self.diverged, self.after = (saved[name].copy() for name in ("good", "diverged", "after"))
        self._first_loss = saved["first_loss"]
        self.some_stand = bool(self._theta.ndim > 1 and self.diverged.any())

    def _put_back(self, which: np.ndarray, step: int) -> None:
        if not np.any(which):
            return
        self._theta[which] = self.good[which]
        self.after[which & ~self.diverged] = step
        self.diverged |= which
        self.some_stand = bool(self._theta.ndim > 1 and np.any(self.diverged))


def _finite(theta: np.ndarray) -> np.ndarray:
    """Per model: whether all its parameters are finite, with room to spare (their squares can be summed)."""
    with np.errstate(all="ignore"):
        return np.isfinite(np.vecdot(theta, theta))
