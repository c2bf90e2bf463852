"""Activations that write into arrays which are already there.

A new array for every intermediate result costs a small step more than the arithmetic in it. ReLU and tanh, which most
networks use, are written out here; every other activation goes through its plain form and is copied.
"""

import numpy as np

from nn_core.activations import Linear, ReLU, Tanh
from nn_core.kinds import Activation


class Straight:
    """f(z) = z: nothing to do.

    a: where the outputs go, C-contiguous, with or without a last row of ones (`with_ones`); whoever fills in `z` may
    use the same rows. Everything is done on the whole array, ones included: in a stack, an array without its last row
    lies in pieces, and each piece costs a loop of its own.
    """

    def __init__(self, a: np.ndarray, with_ones: bool):
        self.a, self._with_ones = a, with_ones
        self.z = a[..., :-1, :] if with_ones else a

    def forward(self) -> None:
        """a = f(z), in place."""

    def backward(self, dy: np.ndarray) -> None:
        """dy, of the shape of `a`, becomes dz = dy * f'(z); what it holds in the row of ones is of no account."""


class Hyperbolic(Straight):
    """tanh, in place: its slope 1 - a^2 can be told from a alone."""

    def __init__(self, a: np.ndarray, with_ones: bool):
        super().__init__(a, with_ones)
        self._ones = a[..., -1, :]
        self._slope = np.empty_like(a)
        self._one = np.ones((), a.dtype)

    def forward(self) -> None:
        np.tanh(self.a, out=self.a)
        if self._with_ones:
            self._ones[...] = self._one

    def backward(self, dy: np.ndarray) -> None:
        slope = np.multiply(self.a, self.a, out=self._slope)
        np.subtract(self._one, slope, out=slope)
        np.multiply(dy, slope, out=dy)


class Rectifier(Straight):
    """ReLU, in place. The larger of two arrays is found twice as fast as the larger of an array and a number."""

    def __init__(self, a: np.ndarray, with_ones: bool):
        super().__init__(a, with_ones)
        self._zeros = np.zeros(a.shape, a.dtype)
        self._slope = np.empty_like(a, bool)

    def forward(self) -> None:
        np.maximum(self.a, self._zeros, out=self.a)

    def backward(self, dy: np.ndarray) -> None:
        np.multiply(dy, np.greater(self.a, self._zeros, out=self._slope), out=dy)


class Any(Straight):
    """Whatever else there is, by its plain form; z lies apart, because the slope may need it."""

    def __init__(self, activation: Activation, a: np.ndarray, with_ones: bool):
        super().__init__(a, with_ones)
        self._activation, self._outputs = activation, self.z
        self.z = np.empty_like(self._outputs)

    def forward(self) -> None:
        self._outputs[...] = self._activation.forward(self.z)

    def backward(self, dy: np.ndarray) -> None:
        dy = dy[..., :-1, :] if self._with_ones else dy
        np.multiply(dy, self._activation.derivative(self.z, self._outputs), out=dy)


IN_PLACE = {Linear: Straight, Tanh: Hyperbolic, ReLU: Rectifier}


def bend(activation: Activation, a: np.ndarray, with_ones: bool) -> Straight:
    """What puts f(z) into `a`: an object with `z` to be filled in, `forward()` and `backward(dy)`."""
    kind = IN_PLACE.get(type(activation))
    return kind(a, with_ones) if kind else Any(activation, a, with_ones)
