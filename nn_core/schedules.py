"""Schedules: what the learning rate is multiplied by as training goes on.

Each has `factor(epoch)`, with the epoch as a number that grows with every step (2.5 is half-way through the third), and
so moves smoothly unless it says otherwise.
"""

import math
from dataclasses import dataclass

from nn_core.spec import Choice, knob


@dataclass(frozen=True)
class Constant(Choice):
    """The same learning rate all the time."""

    label = "Constant"

    def factor(self, epoch: float) -> float:
        return 1.0


@dataclass(frozen=True)
class StepDecay(Choice):
    """Multiplied by gamma every so many epochs, in jumps."""

    label = "Step"
    every: int = knob(50, "Every (epochs)", "Epochs between two drops.", low=1, high=100_000)
    gamma: float = knob(0.5, "Gamma", "What the rate is multiplied by at a drop.", low=0, high=1)

    def factor(self, epoch: float) -> float:
        return self.gamma ** (epoch // self.every)


@dataclass(frozen=True)
class ExponentialDecay(Choice):
    """gamma^epoch: the same share is lost in each epoch."""

    label = "Exponential"
    gamma: float = knob(0.98, "Gamma", "What is left of the rate after one epoch.", low=0.01, high=1)

    def factor(self, epoch: float) -> float:
        return self.gamma**epoch


@dataclass(frozen=True)
class TimeBasedDecay(Choice):
    """1 / (1 + decay * epoch): falls fast at first, slowly later (Robbins and Monro, 1951)."""

    label = "Time-based (1/t)"
    decay: float = knob(0.02, "Decay", "The rate is halved after 1 / decay epochs.", low=0, high=100)

    def factor(self, epoch: float) -> float:
        return 1 / (1 + self.decay * epoch)


@dataclass(frozen=True)
class Cosine(Choice):
    """Half a cosine wave from 1 to the floor, where it stays (Loshchilov and Hutter, 2017)."""

    label = "Cosine"
    epochs: int = knob(200, "Epochs", "Length of the half wave.", low=1, high=100_000)
    floor: float = knob(0.0, "Floor", "Share of the rate that is left at the end.", low=0, high=1)

    def factor(self, epoch: float) -> float:
        done = min(epoch / self.epochs, 1)
        return self.floor + (1 - self.floor) * 0.5 * (1 + math.cos(math.pi * done))


@dataclass(frozen=True)
class WarmUpCoolDown(Choice):
    """Up in a straight line, level, down in a straight line to the floor, where it stays."""

    label = "Warm-up, cool-down"
    warm_up: int = knob(10, "Warm-up (epochs)", "Epochs from almost nothing to the full rate.", low=0, high=100_000)
    hold: int = knob(100, "Hold (epochs)", "Epochs at the full rate.", low=0, high=100_000)
    cool_down: int = knob(90, "Cool-down (epochs)", "Epochs from the full rate to the floor.", low=1, high=100_000)
    floor: float = knob(0.01, "Floor", "Share of the rate at the start and at the end.", low=0, high=1)

    def factor(self, epoch: float) -> float:
        if epoch < self.warm_up:
            return self.floor + (1 - self.floor) * epoch / self.warm_up
        cooled = min(max(epoch - self.warm_up - self.hold, 0) / self.cool_down, 1)
        return 1 - (1 - self.floor) * cooled


SCHEDULES = {
    "constant": Constant,
    "step": StepDecay,
    "exponential": ExponentialDecay,
    "time": TimeBasedDecay,
    "cosine": Cosine,
    "warm_up": WarmUpCoolDown,
}
