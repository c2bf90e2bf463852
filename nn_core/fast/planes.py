"""What follows the sums of a convolution: bias, activation, and a max pool over windows of 2x2 pixels, in one go.

The sums of a block of pictures come as planes: one of all pixels, or, where a pool follows, four, of the upper left,
upper right, lower left and lower right pixel of every window. A pool is then three comparisons of whole planes. An
activation that never falls may as well act after the pool as before it, and the bias is the same for all four pixels:
both then have a quarter of the numbers to work on. Pixels that fill no window are in no plane.
"""

import numpy as np

from nn_core.activations import ELU, LeakyReLU, Linear, ReLU, Sigmoid, Softplus, Tanh
from nn_core.fast.buffers import Buffers
from nn_core.kinds import Activation

RISING = (Linear, ReLU, LeakyReLU, Tanh, Sigmoid, Softplus, ELU)  # max(f(a), f(b)) = f(max(a, b))


def planes(z: np.ndarray, window: int) -> list[np.ndarray]:
    """`(n, height, width, filters)` as 1 or 4 views, one for each pixel of a window, row by row."""
    rows, columns = (size // window * window for size in z.shape[1:3])
    return [z[:, i:rows:window, j:columns:window] for i in range(window) for j in range(window)]


class Head:
    """From planes of sums to outputs and back, for blocks of some pictures; a worker with buffers of its own."""

    def __init__(self, activation: Activation, window: int, dtype: np.dtype):
        self._activation, self._window = activation, window
        self._is_relu = type(activation) is ReLU
        self._buffers = Buffers(dtype)

    def forward(self, z: list[np.ndarray], b: np.ndarray, y: np.ndarray, number: int, keep: bool) -> None:
        """Fills y `(n, height, width, filters)`; keep: remember what the backward pass of this block needs."""
        sums = y if self._is_relu else self._buffers.take(("sums", number), y.shape)
        if self._window == 2:
            z = [self._largest(z, number, sums, keep)]
        np.add(z[0], b, out=sums)
        if self._is_relu:
            np.maximum(sums, 0, out=y)
        else:
            y[...] = self._activation.forward(sums)

    def backward(self, dy: np.ndarray, y: np.ndarray, dz: list[np.ndarray], number: int) -> np.ndarray:
        """Fills the planes dz from the gradient of y, and returns the block's part of the bias's gradient."""
        slope = self._buffers.take("slope", y.shape)
        if self._is_relu:
            np.multiply(dy, np.greater(y, 0, out=self._buffers.take("on", y.shape, bool)), out=slope)
        else:
            sums = self._buffers.take(("sums", number), y.shape)
            np.multiply(dy, self._activation.derivative(sums, y), out=slope)
        if self._window == 2:
            self._hand_back(slope, dz, number)
        else:
            dz[0][...] = slope
        return np.ones(slope.size // slope.shape[-1], slope.dtype) @ slope.reshape(-1, slope.shape[-1])

    def _largest(self, z: list[np.ndarray], number: int, out: np.ndarray, keep: bool):
        """The largest of each window's four pixels: the better of the upper row, of the lower, of the two winners."""
        upper, lower = self._buffers.take("upper", out.shape), self._buffers.take("lower", out.shape)
        np.maximum(z[0], z[1], out=upper)
        np.maximum(z[2], z[3], out=lower)
        if keep:  # among equals the first one wins, as everywhere
            won = self._buffers.take(("won", number), (3, *out.shape), bool)
            np.greater_equal(z[0], z[1], out=won[0])
            np.greater_equal(z[2], z[3], out=won[1])
            np.greater_equal(upper, lower, out=won[2])
        return np.maximum(upper, lower, out=out)

    def _hand_back(self, slope: np.ndarray, dz: list[np.ndarray], number: int) -> None:
        """The gradient of a window goes to the winner: who has not won gets what is left, which is zero or all."""
        won = self._buffers.take(("won", number), (3, *slope.shape), bool)
        upper, lower = self._buffers.take("upper", slope.shape), self._buffers.take("lower", slope.shape)
        np.multiply(slope, won[2], out=upper)
        np.subtract(slope, upper, out=lower)
        for both, left_won, left, right in ((upper, won[0], dz[0], dz[1]), (lower, won[1], dz[2], dz[3])):
            np.multiply(both, left_won, out=left)
            np.subtract(both, left, out=right)
