"""Many runs seen as one: how the losses of a stack of models spread, and which is the best, the middle, the worst.

One training says little: another seed would have given another curve. An ensemble of runs with different seeds is drawn
as its interquartile mean, a curve that a few lucky or stray runs do not move, with a band from the first quartile to
the third.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nn_core.history import History
from nn_core.spec import counted


@dataclass(frozen=True)
class Spread:
    """Statistics of one series over the members, one number per epoch; NaN where no member has a finite value.

    Quartiles are interpolated linearly between members. The interquartile mean is the mean of the values from the first
    quartile to the third, both included; where none lies between (two members), it is the median.
    """

    epochs: np.ndarray
    median: np.ndarray
    first_quartile: np.ndarray
    third_quartile: np.ndarray
    interquartile_mean: np.ndarray
    least: np.ndarray
    greatest: np.ndarray


def _quartiles(values: np.ndarray) -> np.ndarray:
    """First quartile, median and third quartile of each row, `(3, rows)`; NaN is left out.

    np.nanpercentile calls np.percentile for each row by itself; only those that hold a NaN need that.
    """
    values = values[:, np.isfinite(values).any(axis=0)]
    whole = np.isfinite(values).all(axis=1)
    found = np.empty((3, len(values)))
    found[:, whole] = np.percentile(values[whole], (25, 50, 75), axis=1)
    if not whole.all():
        found[:, ~whole] = np.nanpercentile(values[~whole], (25, 50, 75), axis=1)
    return found


class Ensemble:
    """Members that were measured at the same epochs. series: name -> values `(epochs, members)`.

    diverged: which members have diverged; they count in no statistic and rank last. Raises ValueError for shapes that
    do not fit, or where there is nothing to look at.
    """

    def __init__(
        self, epochs: Sequence[float], series: Mapping[str, np.ndarray], diverged: Sequence[bool] | None = None
    ):
        self.epochs = np.asarray(epochs)
        self._series = {name: np.array(values, np.float64) for name, values in series.items()}
        shapes = {values.shape for values in self._series.values()}
        if len(shapes) != 1 or not all(
            len(shape) == 2 and shape[0] == len(self.epochs) and all(shape) for shape in shapes
        ):
            count = counted(len(self.epochs), "epoch")
            raise ValueError(f"The series must be arrays of {count} and one or more members each.")
        self.members = next(iter(shapes))[1]
        self.diverged = np.zeros(self.members, bool) if diverged is None else np.array(diverged, bool)
        if self.diverged.shape != (self.members,):
            raise ValueError(
                f"The mask diverged must say of each of {self.members} members whether it has, not {diverged}."
            )
        for values in self._series.values():
            values[~np.isfinite(values)] = np.nan
            values[:, self.diverged] = np.nan

    @classmethod
    def of(cls, runs: History | Sequence[History], diverged: Sequence[bool] | None = None) -> "Ensemble":
        """An ensemble of one history of a stack, or of the histories of runs made alone.

        A run that ended early, because it diverged, has no values from there on; the others go on.
        """
        if isinstance(runs, History):
            names = list(runs.series)
            curves = {name: runs.curve(name) for name in names}
            epochs = curves[names[0]][0] if names else []
            return cls(epochs, {name: np.array(values) for name, (_, values) in curves.items()}, diverged)
        if not runs:
            raise ValueError("An ensemble needs at least one run, not none.")
        longest = max(runs, key=lambda run: run.last_epoch)
        series = {}
        for name in longest.series:
            epochs, _ = longest.curve(name)
            series[name] = np.full((len(epochs), len(runs)), np.nan)
            for k, run in enumerate(runs):
                own, values = run.curve(name)
                if list(own) != list(epochs[: len(own)]):
                    raise ValueError(f"Run {k} was measured at other epochs than the longest run; measure all alike.")
                series[name][: len(own), k] = values
        return cls(longest.curve(next(iter(series)))[0] if series else [], series, diverged)

    def spread(self, name: str) -> Spread:
        """Median, quartiles, interquartile mean and range of a series, for each epoch."""
        values = self._values(name)
        found = np.asarray(np.isfinite(values).any(axis=1))
        seen = np.where(found[:, None], values, 0.0)  # where nobody has a value, nothing is warned of
        low, middle, high = _quartiles(seen)
        inside = (seen >= low[:, None]) & (seen <= high[:, None])
        counts = inside.sum(axis=1)
        sums = np.where(inside, seen, 0.0).sum(axis=1)
        mean = np.where(counts > 0, sums / np.maximum(counts, 1), middle)
        rows = (middle, low, high, mean, np.nanmin(seen, axis=1), np.nanmax(seen, axis=1))
        return Spread(self.epochs, *(np.where(found, row, np.nan) for row in rows))

    def order(self, name: str) -> np.ndarray:
        """The members' indices from best to worst by their final value; losses are best when low, metrics when high.

        Equal values keep the members' order; who has no final value comes last.
        """
        final = self._values(name)[-1]
        return np.argsort(final if name.endswith("loss") else -final, kind="stable")  # NaN is sorted to the end

    def best(self, name: str) -> int:
        """Index of the best member."""
        return int(self.order(name)[0])

    def median(self, name: str) -> int:
        """Index of the member in the middle; of two, the better one."""
        return int(self.order(name)[(self.members - 1) // 2])

    def worst(self, name: str) -> int:
        """Index of the worst member; one that has diverged is worse than any other."""
        return int(self.order(name)[-1])

    def converged(self, name: str, threshold: float) -> int:
        """How many members end at the threshold or better."""
        final = self._values(name)[-1]
        with np.errstate(invalid="ignore"):
            return int(np.sum(final <= threshold if name.endswith("loss") else final >= threshold))

    def _values(self, name: str) -> np.ndarray:
        if name not in self._series:
            raise ValueError(f"There is no series {name!r}; there are {', '.join(self._series)}.")
        return self._series[name]
