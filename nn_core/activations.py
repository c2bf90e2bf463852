"""Activation functions: what a unit makes of its weighted sum z.

Each has `forward(z)`, which gives a = f(z), and `derivative(z, a)`, which gives f'(z) and may use whichever of z and a
is cheaper. All work element by element on arrays of any shape and keep the dtype. `joined_at_zero`: two formulas with
f(0) = 0 meet at z = 0, where there is a kink (or, in ELU with alpha 1, a jump in the bend) that tests must know of.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import erf, expit

from nn_core.kinds import Array
from nn_core.spec import Choice, knob


@dataclass(frozen=True)
class Linear(Choice):
    """f(z) = z: no bend at all, so any number of such layers is still a straight line."""

    label = "Linear"

    def forward(self, z: Array) -> Array:
        return z

    def derivative(self, z: Array, a: Array) -> Array:
        return np.ones_like(z)


@dataclass(frozen=True)
class ReLU(Choice):
    """f(z) = max(0, z): fast and sparse; a unit whose z is always negative learns no more."""

    label = "ReLU"
    joined_at_zero = True

    def forward(self, z: Array) -> Array:
        return np.maximum(z, 0)

    def derivative(self, z: Array, a: Array) -> Array:
        return (z > 0).astype(z.dtype)


@dataclass(frozen=True)
class LeakyReLU(Choice):
    """f(z) = z for z > 0, else slope * z: a ReLU that never falls quite silent (Maas et al., 2013)."""

    label = "Leaky ReLU"
    joined_at_zero = True
    slope: float = knob(0.01, "Slope", "How much of a negative sum is let through.", low=0, high=1)

    def forward(self, z: Array) -> Array:
        return np.where(z > 0, z, self.slope * z)

    def derivative(self, z: Array, a: Array) -> Array:
        return np.where(z > 0, z.dtype.type(1), z.dtype.type(self.slope))


@dataclass(frozen=True)
class Tanh(Choice):
    """f(z) = tanh(z), between -1 and 1: smooth, centred on zero; flat, and slow to learn, far from zero."""

    label = "tanh"

    def forward(self, z: Array) -> Array:
        return np.tanh(z)

    def derivative(self, z: Array, a: Array) -> Array:
        return 1 - a * a


@dataclass(frozen=True)
class Sigmoid(Choice):
    """f(z) = 1 / (1 + exp(-z)), between 0 and 1: the classic; its slope is at most 1/4, so deep nets learn slowly."""

    label = "Sigmoid"

    def forward(self, z: Array) -> Array:
        return expit(z)

    def derivative(self, z: Array, a: Array) -> Array:
        return a * (1 - a)


@dataclass(frozen=True)
class Softplus(Choice):
    """f(z) = log(1 + exp(z)): a ReLU with a rounded corner (Dugas et al., 2001)."""

    label = "Softplus"

    def forward(self, z: Array) -> Array:
        return np.logaddexp(z, z.dtype.type(0))

    def derivative(self, z: Array, a: Array) -> Array:
        return expit(z)


@dataclass(frozen=True)
class ELU(Choice):
    """f(z) = z for z > 0, else alpha * (exp(z) - 1): smooth, and centred nearer to zero (Clevert et al., 2016)."""

    label = "ELU"
    joined_at_zero = True
    alpha: float = knob(1.0, "Alpha", "How far below zero the output can go.", low=0.01, high=10)

    def forward(self, z: Array) -> Array:
        return np.where(z > 0, z, self.alpha * np.expm1(np.minimum(z, 0)))

    def derivative(self, z: Array, a: Array) -> Array:
        return np.where(z > 0, z.dtype.type(1), a + self.alpha)


@dataclass(frozen=True)
class GELU(Choice):
    """f(z) = z * Phi(z), Phi the normal distribution function: transformers use it (Hendrycks and Gimpel, 2016)."""

    label = "GELU"

    def forward(self, z: Array) -> Array:
        return z * _normal_cdf(z)

    def derivative(self, z: Array, a: Array) -> Array:
        return _normal_cdf(z) + z * np.exp(-0.5 * z * z) * (2 * np.pi) ** -0.5


@dataclass(frozen=True)
class SiLU(Choice):
    """f(z) = z * sigmoid(z), also called swish (Elfwing et al., 2018)."""

    label = "SiLU"

    def forward(self, z: Array) -> Array:
        return z * expit(z)

    def derivative(self, z: Array, a: Array) -> Array:
        s = expit(z)
        return s * (1 + z * (1 - s))


def _normal_cdf(z: Array) -> Array:
    return 0.5 * (1 + erf(z * 2**-0.5))


ACTIVATIONS = {
    "linear": Linear,
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "tanh": Tanh,
    "sigmoid": Sigmoid,
    "softplus": Softplus,
    "elu": ELU,
    "gelu": GELU,
    "silu": SiLU,
}
