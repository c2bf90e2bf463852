"""Generated data sets with values: a line, a wave and a surface, for networks that predict a number."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nn_core.spec import Choice, knob
from playground.datasets.base import Drawn, input_names
from playground.datasets.plane import REACH, on_grid, peaks, samples_knob

PEAKS_SCALE = 8.0  # the surface lies between -6.55 and 8.11


def noise_knob(default: float):
    """The knob for how far the values stray from the truth."""
    text = "Standard deviation of what is added to each value; no network can predict it."
    return knob(default, "Noise", text, low=0, high=2)


class GeneratedValues(Choice):
    """What the generated sets with values share: adding noise and turning their arrays into `Drawn`."""

    label: ClassVar[str]
    source: ClassVar[str]
    task: ClassVar[str] = "values"

    def drawn(self, x: np.ndarray, value: np.ndarray, rng: np.random.Generator) -> Drawn:
        """`x` (samples, inputs) and true values (samples,) as a data set."""
        noisy = value + rng.normal(0, self.noise, value.shape)
        return Drawn(on_grid(x), on_grid(noisy[:, None]), (), input_names(x.shape[1]), self.label, self.source)


@dataclass(frozen=True)
class Line(GeneratedValues):
    """Points around a straight line: least squares, which one unit without activation solves."""

    label: ClassVar[str] = "Line"
    source: ClassVar[str] = "A straight line over [-3, 3] with noise, drawn here from a seed."

    samples: int = samples_knob(400)
    slope: float = knob(0.5, "Slope", "Rise of the line for one step to the right.", low=-5, high=5)
    intercept: float = knob(0.25, "Intercept", "Height of the line at 0.", low=-5, high=5)
    noise: float = noise_knob(0.2)

    def draw(self, rng: np.random.Generator) -> Drawn:
        x = rng.uniform(-REACH, REACH, (self.samples, 1))
        return self.drawn(x, self.slope * x[:, 0] + self.intercept, rng)


@dataclass(frozen=True)
class Sine(GeneratedValues):
    """Points around a sine wave: the network has to bend as often as the wave does."""

    label: ClassVar[str] = "Sine"
    source: ClassVar[str] = "A sine wave over [-3, 3] with noise, drawn here from a seed."

    samples: int = samples_knob(400)
    periods: float = knob(
        1.5, "Periods", "How many waves fit between -3 and 3; more need more units.", low=0.25, high=6
    )
    noise: float = noise_knob(0.1)

    def draw(self, rng: np.random.Generator) -> Drawn:
        x = rng.uniform(-REACH, REACH, (self.samples, 1))
        return self.drawn(x, np.sin(2 * np.pi * self.periods * x[:, 0] / (2 * REACH)), rng)


@dataclass(frozen=True)
class PeaksHeight(GeneratedValues):
    """MATLAB's peaks surface as a height over the plane, divided by 8 so that it lies in about -1 to 1."""

    label: ClassVar[str] = "Peaks as a height"
    source: ClassVar[str] = "MATLAB's peaks surface over [-3, 3]², its height divided by 8, drawn here from a seed."

    samples: int = samples_knob(500)
    noise: float = noise_knob(0.02)

    def draw(self, rng: np.random.Generator) -> Drawn:
        x = rng.uniform(-REACH, REACH, (self.samples, 2))
        return self.drawn(x, peaks(x) / PEAKS_SCALE, rng)
