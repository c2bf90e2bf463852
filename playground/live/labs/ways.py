"""How the runs of a lab are gone through. `Together` is the usual way; the loss surface has its own (surface.py)."""

import time
from typing import TYPE_CHECKING, Protocol

from playground.experiments.config import Config
from playground.experiments.stacks import groups
from playground.live.labs.spec import LabSpec

if TYPE_CHECKING:
    from playground.live.labs.lab import Lab


class Way(Protocol):
    """What a Lab asks of its way; the lab calls it under its lock. A way begins anew with each spec of its lab."""

    is_over: bool  # whether all is done and shown
    has_figure: bool  # whether there is something of every run that a figure shows
    finished: int  # how many runs have come to their end
    progress: float  # how much of all is done, 0 to 1, by its weight in time
    left: float  # about how many seconds it will take while it plays; 0 while that is not known

    def __init__(self, lab: "Lab"):
        """lab: whose stacks it begins and trains."""

    @staticmethod
    def checked(spec: LabSpec) -> LabSpec:
        """The spec as it can be gone through. Raises SpecError, one sentence, where it cannot."""

    @staticmethod
    def grouped(configs: list[Config]) -> list[list[int]]:
        """Which runs train together: lists of their places."""

    def advance(self, seconds: float) -> float:
        """A slice of so many seconds; returns how many went into training."""

    def rest(self) -> None:
        """The lab pauses."""


class Together:
    """All at once: the stack that is furthest behind goes on, so that all cells grow together."""

    grouped = staticmethod(groups)

    def __init__(self, lab: "Lab"):
        self.lab = lab

    @staticmethod
    def checked(spec: LabSpec) -> LabSpec:
        """Whatever a lab can be made of."""
        return spec

    @property
    def is_over(self) -> bool:
        lab = self.lab
        return len(lab.stacks) == len(lab.groups) and all(stack.done for stack in lab.stacks)

    @property
    def has_figure(self) -> bool:
        return len(self.lab.begun()) == len(self.lab.configs)

    @property
    def finished(self) -> int:
        return sum(len(stack.configs) for stack in self.lab.stacks if stack.done)

    @property
    def progress(self) -> float:
        weights = [self._steps(group) for group in self.lab.groups]
        done = sum(weight * stack.progress for weight, stack in zip(weights, self.lab.stacks, strict=False))
        return done / sum(weights)

    @property
    def left(self) -> float:
        share, seconds = self.progress, self.lab.seconds
        return seconds / share - seconds if share > 0.02 else 0.0

    def advance(self, seconds: float) -> float:
        lab, began = self.lab, time.perf_counter()
        while time.perf_counter() - began < seconds and not self.is_over:
            if len(lab.stacks) < len(lab.groups) and not (lab.one_by_one and not lab.stacks[-1].done):
                lab.begin()
                continue
            behind = min((stack for stack in lab.stacks if not stack.done), key=lambda stack: stack.progress)
            behind.advance(min(0.01, max(0.002, seconds / 4)))
        return time.perf_counter() - began

    def rest(self) -> None:
        """There is nothing to see to."""

    def _steps(self, group: list[int]) -> float:
        """About how long a stack takes: its steps, and a little for each member."""
        config = self.lab.configs[group[0]]
        if self.lab.one_by_one:
            return config.stop_epochs
        batches = max(1, len(self.lab.data.train.x) / (config.batch_size or 10**9))
        return config.stop_epochs * batches * (10 + len(group))
