"""Layers on vectors that lie feature by feature, each with the arrays that it works in.

Here a batch is `(features + 1, samples)`, one column a sample, with a row of ones below: W and b stand one after the
other in theta, so the two are one matrix Wb of `(features + 1, units)`, and Wb^T a is the weighted sum with its bias.
The gradient a dz^T is that of W and b at once. What the plain layers do in 3 calls of NumPy is one here, and for a
small network the number of calls is the time. The softmax adds along the outer axis, row to row, which is faster too.

A stage is made for one batch size. `forward()` reads its input and fills `y`, whose last row stays one, or is not there
where the stage is the last; `dy`, of y's shape, is filled in by whoever comes after; `backward()` turns it into the
gradients of the parameters and into the `dy` of the stage before, `dx`, unless that is None.
"""

from typing import Any

import numpy as np

from nn_core.fast.bends import bend
from nn_core.fast.products import product


def columns(lead: tuple[int, ...], features: int, samples: int, dtype: np.dtype) -> np.ndarray:
    """Room for a batch, with its row of ones."""
    return np.ones((*lead, features + 1, samples), dtype)


def outputs(lead: tuple[int, ...], features: int, samples: int, dtype: np.dtype, ones: bool, least: int) -> np.ndarray:
    """Room for what a stage puts out; without ones, output after output in memory, as the loss likes it.

    least: the smallest side of the matrices that it is multiplied with. Where that is 1, NumPy's products round
    differently for one layout and another, so that all are laid alike, alone and in a stack.
    """
    if ones:
        return columns(lead, features, samples, dtype)
    if least == 1:
        return np.empty((*lead, features, samples), dtype)
    return np.moveaxis(np.empty((features, *lead, samples), dtype), 0, -2)


def rows(a: np.ndarray, features: int) -> np.ndarray:
    """The features of a batch without the row of ones."""
    return a[..., :features, :]


class Dense:
    """y = f(Wb^T a)."""

    def __init__(self, layer: Any, a: np.ndarray, dx: np.ndarray | None, Wb: np.ndarray, gWb: np.ndarray, last: bool):
        samples, lead, inputs = a.shape[-1], Wb.shape[:-2], Wb.shape[-2] - 1
        self.y = outputs(lead, layer.units, samples, a.dtype, not last, min(samples, layer.units, inputs))
        self._bend = bend(layer.activation, self.y, not last)
        self._a, self._WbT, self._z = a, Wb.mT, self._bend.z
        self._sum = product(self._WbT, a, self._z)
        if gWb is not None:
            self.dy = np.zeros_like(self.y)
            self._dz = rows(self.dy, layer.units)
            self._dzT, self._g = self._dz.mT, gWb
            self._outer = product(a, self._dzT, gWb)
            self._needs_dx = dx is not None
            if dx is not None:
                self._W, self._dx = Wb[..., :-1, :], rows(dx, inputs)
                self._back = product(self._W, self._dz, self._dx)

    def forward(self) -> None:
        self._sum(self._WbT, self._a, out=self._z)
        self._bend.forward()

    def backward(self) -> None:
        self._bend.backward(self.dy)
        self._outer(self._a, self._dzT, out=self._g)
        if self._needs_dx:
            self._back(self._W, self._dz, out=self._dx)


class WideDense:
    """A first layer on so many features that turning the batch over would cost more than it gains: x as it comes.

    `x`, `(samples, features)`, is put in before each step; it is not changed.
    """

    def __init__(self, layer: Any, x: np.ndarray, Wb: np.ndarray, gWb: np.ndarray, last: bool):
        samples, lead = x.shape[-2], Wb.shape[:-2]
        self.x, self._W, self._b = x, Wb[..., :-1, :], Wb[..., -1, :, None]
        self._sums = np.empty((*lead, samples, layer.units), x.dtype)
        self._sum = product(x, self._W, self._sums)
        self.y = outputs(lead, layer.units, samples, x.dtype, not last, min(samples, layer.units))
        self._bend = bend(layer.activation, self.y, not last)
        if gWb is not None:
            self.dy = np.zeros_like(self.y)
            self._dy = rows(self.dy, layer.units)
            self._gW, self._gb = gWb[..., :-1, :], gWb[..., -1, :]
            self._dz = np.empty_like(self._sums)
            self._outer = product(x.mT, self._dz, self._gW)

    def forward(self) -> None:
        self._sum(self.x, self._W, out=self._sums)
        np.add(self._sums.mT, self._b, out=self._bend.z)
        self._bend.forward()

    def backward(self) -> None:
        self._bend.backward(self.dy)
        np.copyto(self._dz, self._dy.mT)  # turned over: the large product is then the faster one
        self._outer(self.x.mT, self._dz, out=self._gW)
        np.add.reduce(self._dz, axis=-2, out=self._gb)


class Residual:
    """y = x + W2^T f(W1b^T a)."""

    def __init__(
        self,
        layer: Any,
        a: np.ndarray,
        dx: np.ndarray | None,
        W1b: np.ndarray,
        gW1b: np.ndarray,
        W2: np.ndarray,
        gW2: np.ndarray,
        last: bool,
    ):
        samples, lead, inputs = a.shape[-1], W2.shape[:-2], W2.shape[-1]
        self.y = outputs(lead, inputs, samples, a.dtype, not last, min(samples, layer.units, inputs))
        self._bend = bend(layer.activation, np.empty((*lead, layer.units, samples), a.dtype), False)
        self._hidden, self._z = self._bend.a, self._bend.z
        self._a, self._x, self._sum = a, rows(a, inputs), rows(self.y, inputs)
        self._W1bT, self._W2T = W1b.mT, W2.mT
        self._sum1 = product(self._W1bT, a, self._z)
        self._sum2 = product(self._W2T, self._hidden, self._sum)
        if gW2 is not None:
            self.dy = np.zeros_like(self.y)
            self._dy, self._dz = rows(self.dy, inputs), np.empty_like(self._hidden)
            self._W1, self._W2, self._g1, self._g2 = W1b[..., :-1, :], W2, gW1b, gW2
            self._back2 = product(W2, self._dy, self._dz)
            self._outer2 = product(self._hidden, self._dy.mT, gW2)
            self._outer1 = product(a, self._dz.mT, gW1b)
            self._needs_dx = dx is not None
            if dx is not None:
                self._dx = rows(dx, inputs)
                self._back1 = product(self._W1, self._dz, self._dx)

    def forward(self) -> None:
        self._sum1(self._W1bT, self._a, out=self._z)
        self._bend.forward()
        self._sum2(self._W2T, self._hidden, out=self._sum)
        np.add(self._sum, self._x, out=self._sum)

    def backward(self) -> None:
        dz = self._back2(self._W2, self._dy, out=self._dz)
        self._outer2(self._hidden, self._dy.mT, out=self._g2)
        self._bend.backward(dz)
        self._outer1(self._a, dz.mT, out=self._g1)
        if self._needs_dx:
            self._back1(self._W1, dz, out=self._dx)
            np.add(self._dy, self._dx, out=self._dx)


class Dropout:
    """y = x * mask / (1 - rate), with the very mask that the plain layer draws; `rng` is put in before each step."""

    rng = None

    def __init__(self, layer: Any, a: np.ndarray, dx: np.ndarray | None, features: int, last: bool):
        self.rng: Any = None
        samples, lead = a.shape[-1], a.shape[:-2]
        self._rate, self._shape = layer.rate, (*lead, samples, features)
        self.y = outputs(lead, features, samples, a.dtype, not last, 1)
        self.dy = np.zeros_like(self.y)
        self._x, self._kept, self._dy = rows(a, features), rows(self.y, features), rows(self.dy, features)
        self._dx = None if dx is None else rows(dx, features)
        self._mask = np.empty_like(self._kept)
        self._scale = a.dtype.type(1 / (1 - layer.rate))

    def forward(self) -> None:
        drawn = self.rng.random(self._shape, dtype=self._mask.dtype)
        np.multiply((drawn >= self._rate).mT, self._scale, out=self._mask)
        np.multiply(self._x, self._mask, out=self._kept)

    def backward(self) -> None:
        if self._dx is not None:
            np.multiply(self._dy, self._mask, out=self._dx)
