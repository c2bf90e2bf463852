"""The trail of a run: where it was on the way, so that any step of it can be made again.

Given to a trainer, it keeps points from which the run can be taken up to the last bit: the parameters, what the
optimiser remembers, and the counts. It holds to a size in megabytes: when that is reached, every second point is
dropped, and from then on half as many are kept. Which are kept depends on the steps alone, however the run was cut into
slices.

    trainer = Trainer(..., trail=Trail(megabytes=32))
    trainer.run(epochs=50)
    other.restore(trainer.trail.before(1234).saved)     # a trainer that was made with the same arguments
    other.run(steps=1234 - other.step)                  # stands where the first one stood after 1,234 steps

What was changed by hand in mid-run, a weight or a rate, is in the points that come after it, but is not made again.
"""

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from nn_core.trainer import Trainer


OVERHEAD = 2_000  # bytes of a point beside its arrays


class Point(NamedTuple):
    """A run before a step. saved: what `Trainer.restore` takes, without history and outputs."""

    step: int
    epoch: float
    saved: dict

    @property
    def theta(self) -> np.ndarray:
        """The parameters, `(..., parameters)`."""
        return self.saved["theta"]

    @property
    def bytes(self) -> int:
        """What it takes of the memory."""
        arrays = [value for value in self.saved.values() if isinstance(value, np.ndarray)]
        return sum(array.nbytes for array in (*arrays, *self.saved["slots"])) + OVERHEAD


class Trail:
    """Points of a run, evenly spread: those of every `stride` steps from the first on, and the last.

    megabytes: how much they may take, at least two points; every: the least stride. Raises ValueError for numbers that
    make no sense, and when it is given to a trainer whose points are too large.
    """

    def __init__(self, megabytes: float = 32.0, every: int = 1):
        if not 0 < megabytes < np.inf:
            raise ValueError(f"The megabytes of a trail must be a finite number above 0, not {megabytes!r}.")
        if not isinstance(every, int) or every < 1:
            raise ValueError(
                f"The steps between points of a trail must be a whole number of at least 1, not {every!r}."
            )
        self.megabytes, self.every = megabytes, every
        self.stride = every
        self._even: list[Point] = []
        self._last: Point | None = None
        self._bytes = 0  # of the even ones

    def begin(self, trainer: "Trainer") -> None:
        """Forget all points but the one where the trainer stands: its run begins anew. Raises ValueError as said."""
        self.stride, self._last = self.every, None
        self._take([])
        self._add(trainer)
        if 2 * self._bytes > self.megabytes * 2**20:
            raise ValueError(
                f"A trail of {self.megabytes:g} MB has no room for two points of this run, of "
                f"{self._bytes / 2**20:.3g} MB each; give it more."
            )

    @property
    def points(self) -> list[Point]:
        """The points in the order of their steps."""
        return [*self._even, *([] if self._last is None else [self._last])]

    def before(self, step: int) -> Point:
        """The last point that is not after this step. Raises ValueError where there is none."""
        points = self.points
        found = bisect_right([point.step for point in points], step)
        if not found:
            raise ValueError(f"The trail has no point at or before step {step:,}; run the trainer first.")
        return points[found - 1]

    def pass_by(self, trainer: "Trainer") -> None:
        """Keep a point, if it is time; a trainer calls this before each step."""
        step = trainer.step
        if step % self.stride or step <= self._even[-1].step:
            return
        self._add(trainer)
        self._last = None
        room = self.megabytes * 2**20 - self._even[-1].bytes  # for the last as well
        while self._bytes > room and len(self._even) > 1:
            self.stride *= 2
            self._take([point for point in self._even if point.step % self.stride == 0])

    def keep(self, trainer: "Trainer") -> None:
        """Keep the run as it stands for its last point, until it goes on; a run that ends does so by itself."""
        if trainer.step > self._even[-1].step:
            self._last = self._point(trainer)

    def cut(self, step: int) -> None:
        """Drop the points after this step: the run goes on from there, and perhaps another way."""
        self._take([point for point in self._even if point.step <= step])
        self._last = None

    def _add(self, trainer: "Trainer") -> None:
        self._even.append(self._point(trainer))
        self._bytes += self._even[-1].bytes

    def _take(self, points: list[Point]) -> None:
        self._even, self._bytes = points, sum(point.bytes for point in points)

    def _point(self, trainer: "Trainer") -> Point:
        return Point(trainer.step, trainer.position, trainer.save(whole=False))
