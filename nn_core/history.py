"""The history of a run: what was measured at the end of each epoch, or more often, in plain lists.

A run that is left on for hours makes millions of epochs. When the lists grow past LONGEST, every second entry is
dropped and from then on only every second look is kept; which are kept depends on their number alone, so the history
is the same however the run was cut into slices. The latest entry is always there, in `last`.
"""

import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np

LONGEST = 2048


class History:
    """Epochs and, for each, the losses and metrics by name; the values are numbers, or arrays of one per model."""

    def __init__(self):
        self.epochs: list[float] = []
        self.series: dict[str, list] = {}
        self.stride = 1
        self.last: dict[str, Any] = {}
        self.last_epoch: float = 0
        self.looks = 0  # entries that were added, kept or not
        self._shared = False  # whether a copy has the same lists

    def add(self, epoch: float, row: dict) -> None:
        """Note what was measured after `epoch` epochs."""
        if self._shared:
            self.epochs = list(self.epochs)
            self.series = {name: list(values) for name, values in self.series.items()}
            self._shared = False
        self.last, self.last_epoch = row, epoch
        self.looks += 1
        if (self.looks - 1) % self.stride:
            return
        self.epochs.append(epoch)
        for name, value in row.items():
            self.series.setdefault(name, []).append(value)
        if len(self.epochs) > LONGEST:
            self.stride *= 2
            self.epochs = self.epochs[::2]
            self.series = {name: values[::2] for name, values in self.series.items()}

    def curve(self, name: str) -> tuple[list[float], list]:
        """Epochs and values of one series, the latest epoch included whatever the stride."""
        epochs, values = self.epochs, self.series.get(name, [])
        if epochs and epochs[-1] != self.last_epoch:
            return [*epochs, self.last_epoch], [*values, self.last[name]]
        return epochs, values

    def until(self, looks: int, last_epoch: float, last: dict) -> "History":
        """A copy of its first so many looks, of which `last` was the last; thinned as this one is."""
        other, kept = self.copy(), -(-looks // self.stride)
        other.epochs = self.epochs[:kept]
        other.series = {name: values[:kept] for name, values in self.series.items()}
        other.looks, other.last_epoch, other.last = looks, last_epoch, last
        return other

    def copy(self) -> "History":
        """A history that goes its own way from here. It costs nothing: the first to `add` makes lists of its own."""
        self._shared = True
        return copy.copy(self)


@dataclass(frozen=True)
class Snapshot:
    """A run at one moment; nothing in it goes on changing.

    theta `(..., parameters)`: a copy. outputs: of each part, `(..., samples, outputs)`, as they were last measured.
    """

    step: int
    epoch: float
    state: str  # "running", "finished" or "diverged"
    message: str
    theta: np.ndarray = field(repr=False)
    history: History = field(repr=False)
    outputs: dict[str, np.ndarray] = field(repr=False)
