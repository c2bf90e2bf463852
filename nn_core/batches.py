"""Mini-batches: in which order one model, or each model of a stack, sees the samples.

The rows of a step depend on the seed, the epoch and the place in it alone. Nothing has to be saved, therefore, for a
run to go on in the middle of an epoch as if it had never stopped.
"""

import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from nn_core.random import stream

NARROW = 64  # samples of up to so many numbers are shuffled once an epoch; wider ones are gathered batch by batch


class Samples(Protocol):
    """Samples that are made when they are asked for, e.g. pictures that are kept as bytes: an array but for this.

    shape `(samples, *features)`, dtype: as if they were an array; `len(samples)`; `samples[a:b]` gives an array.
    varies: whether a sample is another one each time, so that `gather` needs a generator.
    """

    shape: tuple[int, ...]
    dtype: np.dtype
    varies: bool

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice) -> np.ndarray: ...

    def gather(self, rows: np.ndarray, out: np.ndarray, rng: np.random.Generator | None) -> None:
        """Write the samples of these rows `(batch,)` into out `(batch, *features)`, as training is to see them."""


def take(x: np.ndarray, rows: np.ndarray, out: np.ndarray) -> np.ndarray:
    """x[rows] into `out`."""
    return np.take(x, rows, axis=0, out=out, mode="clip")  # the rows are there: "raise" would make a copy to look


class Batches:
    """The samples in a new order each epoch; a batch of all of them needs none.

    x `(samples, *features)`, an array or Samples; targets `(samples, ...)`. seed: one number, or, for a stack, one per
    model; the batches of a stack have a leading axis of models. take: what gathers rows of an array.
    """

    def __init__(self, x: Any, targets: np.ndarray, seed: Any, take: Callable = take):
        self._x, self._targets, self._seed, self._take = x, targets, seed, take
        self._stacked = not isinstance(seed, (int, np.integer))
        self._made = not isinstance(x, np.ndarray)
        self._narrow = not self._made and math.prod(x.shape[1:]) <= NARROW
        self._batch = None
        self._as_they_stand = None  # for batches that hold the whole epoch
        self._epoch = None  # the one that is shuffled at present

    def take(self, epoch: int, start: int, size: int, step: int = 0) -> tuple[np.ndarray, np.ndarray, int]:
        """x and targets of the next `size` rows (0: all) of an epoch from row `start` on, and how many there are.

        step: what samples that vary depend on, beside the seed. They are good until the next call, which may use the
        same arrays.
        """
        samples = len(self._x)
        if start == 0 and not 0 < size < samples:
            return *self._whole(step), samples
        if epoch != self._epoch:
            self._shuffle(epoch)
        end = min(start + (size or samples), samples)
        rows = (slice(None), slice(start, end)) if self._stacked else slice(start, end)
        x = self._shuffled_x[rows] if self._narrow else self._gather(self._rows[rows], step)
        return x, self._shuffled_targets[rows], end - start

    def rows(self, epoch: int, start: int, size: int) -> np.ndarray:
        """Which samples `take` gives, `(..., size)`: their places in x."""
        if start == 0 and size == len(self._x):
            lead = (len(self._seed),) if self._stacked else ()
            return np.broadcast_to(np.arange(size), (*lead, size))
        if epoch != self._epoch:
            self._shuffle(epoch)
        return self._rows[..., start : start + size]

    def _whole(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """All samples as they stand: the mean over them is the same in any order."""
        lead = (len(self._seed),) if self._stacked else ()
        if self._as_they_stand is None:
            x, targets = self._x, self._targets
            rows = np.broadcast_to(np.arange(len(x)), (*lead, len(x)))
            x = rows if self._made else np.broadcast_to(x, lead + x.shape)
            self._as_they_stand = x, np.broadcast_to(targets, lead + targets.shape).copy()
        x, targets = self._as_they_stand
        return self._gather(x, step) if self._made else x, targets

    def _gather(self, rows: np.ndarray, step: int) -> np.ndarray:
        """The samples of these rows, in an array that the next batch overwrites: a new one costs more than they do."""
        if self._batch is None or self._batch.shape[: rows.ndim] != rows.shape:
            self._batch = np.empty((*rows.shape, *self._x.shape[1:]), self._x.dtype)
        if not self._made:
            return self._take(self._x, rows, self._batch)
        members = (
            zip(self._seed, rows, self._batch, strict=True) if self._stacked else [(self._seed, rows, self._batch)]
        )
        for seed, own, out in members:
            self._x.gather(own, out, stream(seed, "samples", step) if self._x.varies else None)
        return self._batch

    def _shuffle(self, epoch: int) -> None:
        seeds = self._seed if self._stacked else [self._seed]
        orders = [stream(seed, "batches", epoch).permutation(len(self._x)) for seed in seeds]
        self._rows = np.stack(orders) if self._stacked else orders[0]
        self._shuffled_x: Any = self._x[self._rows] if self._narrow else None
        self._shuffled_targets = self._targets[self._rows]
        self._epoch = epoch
