"""Where training starts: how the first weights are drawn.

Each initialiser has `draw(generator, shape, fan_in, fan_out)`, which gives float64 weights of `shape`. fan_in is the
number of numbers that feed one unit, fan_out the number of units that one number feeds. Biases start at zero.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from nn_core.kinds import Array, Shape
from nn_core.spec import Choice, knob


@dataclass(frozen=True)
class Zeros(Choice):
    """All weights zero: every unit of a layer then computes, and learns, the same. Try it once."""

    label = "Zeros"

    def draw(self, generator: Generator, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return np.zeros(shape)


@dataclass(frozen=True)
class Normal(Choice):
    """Normal with mean 0 and a spread of your choice, whatever the size of the layer."""

    label = "Normal"
    std: float = knob(1.0, "Spread", "Standard deviation of the first weights.", low=0, high=100)

    def draw(self, generator: Generator, shape: Shape, fan_in: int, fan_out: int) -> Array:
        return self.std * generator.standard_normal(shape)


@dataclass(frozen=True)
class _Scaled(Choice):
    """Weights with a variance that depends on the fans; normal, or uniform with the same variance."""

    distribution: str = knob(
        "normal", "Distribution", "The shape that the weights are drawn from.", choices=("normal", "uniform")
    )

    def draw(self, generator: Generator, shape: Shape, fan_in: int, fan_out: int) -> Array:
        variance = self.variance(fan_in, fan_out)
        if self.distribution == "normal":
            return variance**0.5 * generator.standard_normal(shape)
        bound = (3 * variance) ** 0.5
        return generator.uniform(-bound, bound, shape)

    def variance(self, fan_in: int, fan_out: int) -> float:
        """Of one weight."""
        raise NotImplementedError


@dataclass(frozen=True)
class Glorot(_Scaled):
    """Variance 2 / (fan_in + fan_out), also called Xavier: made for tanh (Glorot and Bengio, 2010)."""

    label = "Glorot (Xavier)"

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2 / (fan_in + fan_out)


@dataclass(frozen=True)
class He(_Scaled):
    """Variance 2 / fan_in, also called Kaiming: made for ReLU (He et al., 2015)."""

    label = "He (Kaiming)"

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2 / fan_in


@dataclass(frozen=True)
class LeCun(_Scaled):
    """Variance 1 / fan_in: keeps the size of a signal through linear layers (LeCun et al., 1998)."""

    label = "LeCun"

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 1 / fan_in


INITIALISERS = {"zeros": Zeros, "normal": Normal, "glorot": Glorot, "he": He, "lecun": LeCun}
