"""Convolutions with fewer multiplications, after Winograd.

The idea. A kernel of 5 numbers that slides along a line needs 5 multiplications for each output, 20 for 4 outputs next
to each other. But the product of two polynomials of degrees 3 and 4 has degree 7, so 8 of its values say all about it,
and each value is ONE product of the values of the two: 8 multiplications, if taking values at 8 points and going back
to coefficients is cheap. It is: the points are 0, 1, -1, 2, -2, 1/2, -1/2 and "infinity" (the leading coefficient).
A convolution layer turns the matter around (each of the three steps is transposed), and has for one line of inputs d,
one kernel g and 4 outputs y the form

    y = A^T [ (G g) * (B^T d) ]       d: 8 inputs, G g: 8 numbers per kernel, *: number by number

It pays because G g is made once per step for the whole batch, B^T d once for all filters, A^T once for all channels;
in between, the products summed over channels are plain matrix products, one for each of the 8 points, and there are
8 * 5 instead of 20 * 5 of them for 4 outputs of a 5x5 kernel: lines are transformed down the picture only, across it
the 5 columns of the kernel are summed as usual. (In both directions it would be 64 for 16 outputs, but the rounding
errors multiply, too.) The gradients use the same numbers: with dM = A dy, transposing each step gives

    dg = G^T [ dM * (B^T d) ]         dd = B [ dM * (G g) ]

Sources: S. Winograd, Arithmetic Complexity of Computations, 1980; A. Lavin and S. Gray, Fast Algorithms for
Convolutional Neural Networks, 2016, whose F(m, r) is m outputs of a kernel of r.
"""

import math
from collections.abc import Hashable
from functools import cache
from typing import Any

import numpy as np

from nn_core.fast.buffers import Buffers
from nn_core.fast.planes import planes
from nn_core.kinds import Shape

TILE = 4  # outputs per tile
POINTS = (0, 1, -1, 2, -2, 0.5, -0.5)
KERNELS = (3, 5)  # F(4, 3) takes 6 points, F(4, 5) all 8; the errors of longer kernels grow
NUMBERS = 1 << 18  # wanted size of a block's sums, so that they stay in the cache
PRODUCT = 1_000_000  # multiplications; BLAS is faster on products up to that size (see im2col.py)
PIXELS = 128  # per point at least, or the gradient of the kernel, a sum over blocks, would be most of the work


@cache
def matrices(outputs: int, kernel: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A `(points, outputs)`, B `(points, points)`, G `(points, kernel)` of F(outputs, kernel), in float64.

    A and G take the values of a polynomial at the points, B^T is "back to the coefficients" turned around. B's columns
    are multiplied by what interpolation divides by (the product of a point's distances to the others), and G's rows
    divided, so that A and B hold numbers without rounding errors, such as 17/4, and only G has thirds and fifths.
    """
    size = outputs + kernel - 1
    points = np.array(POINTS[: size - 1])

    def values(coefficients):
        at_points = points[:, None] ** np.arange(coefficients)
        return np.vstack([at_points, np.eye(coefficients)[-1]])

    scale = np.array([np.prod(p - np.delete(points, k)) for k, p in enumerate(points)] + [1])
    B = np.round(np.linalg.inv(values(size)) * scale * 64) / 64  # sixty-fourths, but for the errors of `inv`
    return values(outputs), B, values(kernel) / scale[:, None]


class Winograd:
    """Convolution with stride 1 of some pictures with one kernel; a worker with buffers of its own.

    Pictures are handled in blocks that stay in the cache. For a block of n pictures and filters F,

        xpad  (n, rows, columns, channels)      the pictures with zeros around them
        V     (points, n * tiles * columns, channels)     B^T xpad, kept for the backward pass
        M     (points, n * tiles * columns, filters)      sums over channels and the kernel's columns
        z     (n, rows, columns, filters)       A^T M; its first `height` rows and `width` columns are the output

    The kernel's columns are summed without copying anything. In V, the pixels of one line and the next stand in one
    row of memory; k neighbouring pixels are k * channels consecutive numbers. So from any start, memory is a matrix
    of k * channels columns already, whose rows are the windows at pixels 0, k, 2 k, ...; k such matrices, which start
    at pixels 0 to k-1, have all windows. Windows that reach over the end of a line are computed for nothing and left
    out; the zeros in front of a line serve as those behind the line before.
    """

    def __init__(self, layer: Any, input_shape: tuple[int, ...], dtype: np.dtype, window: int = 1):
        height, width, self.channels = input_shape
        self.kernel, self.filters, self.dtype = layer.kernel, layer.filters, np.dtype(dtype)
        self.pad = (self.kernel - 1) // 2 if layer.padding == "same" else 0
        self.input = height, width
        self.output = height + 2 * self.pad - self.kernel + 1, width + 2 * self.pad - self.kernel + 1
        self.tiles = -(-self.output[0] // TILE)
        self.columns = width + self.pad
        self.A, self.B, self.G = (matrix.astype(dtype) for matrix in matrices(TILE, self.kernel))
        self.points = len(self.B)
        pixels, channels = self.tiles * self.columns, (self.channels, self.filters)
        in_cache = NUMBERS // (self.points * pixels * max(channels))
        self.block = max(1, PIXELS // pixels, min(in_cache, PRODUCT // (pixels * math.prod(channels))))
        self.window = window
        self._buffers = Buffers(dtype)

    @classmethod
    def suits(cls, layer: Any, input_shape: Shape) -> bool:
        """Whether the layer can be computed this way, and has channels enough to gain by it."""
        return layer.stride == 1 and layer.kernel in KERNELS and input_shape[2] >= 3 and layer.filters >= 3

    def prepare(self, W: np.ndarray) -> np.ndarray:
        """The kernel at the points, for all workers, `(points, kernel * channels, filters)`."""
        return (self.G @ W.reshape(self.kernel, -1)).reshape(self.points, -1, self.filters)

    def turn(self, prepared: np.ndarray) -> np.ndarray:
        """The same for the gradient of x, whose windows look back: `(points, kernel * filters, channels)`."""
        U = prepared.reshape(self.points, self.kernel, self.channels, self.filters)
        return U[:, ::-1].swapaxes(2, 3).reshape(self.points, -1, self.channels)

    def forward(self, x: np.ndarray, prepared: np.ndarray, number: int) -> list[np.ndarray]:
        """Sums of the block `number`, plane by plane (see planes.py); they stand until the next block."""
        n, height, pad = len(x), self.input[0], self.pad
        xpad = self._buffers.take("xpad", (n, (self.tiles + 1) * TILE, self.columns, self.channels))
        xpad[:, pad : pad + height, pad:] = x
        V = self._lines(("V", number), n, self.channels)
        tiles = self._tiles(xpad, n)
        own = V[:, : self._pixels(n)].reshape(self.points, n, self.tiles, -1)
        np.matmul(self.B.T, tiles, out=own.transpose(1, 2, 0, 3))
        V[:, self._pixels(n) :] = 0
        M = self._sums("M", V, prepared, n)
        z = self._buffers.take("z", (n, self.tiles, TILE, self.columns * self.filters))
        own = M[:, : self._pixels(n)].reshape(self.points, n, self.tiles, -1)
        np.matmul(self.A.T, own.transpose(1, 2, 0, 3), out=z)
        return self._outputs(z)

    def dz(self, n: int) -> list[np.ndarray]:
        """Room for the gradient of a block's sums, plane by plane; what is in no plane stays zero."""
        return self._outputs(self._buffers.take("dz", (n, self.tiles * TILE, self.columns, self.filters)))

    def begin(self) -> None:
        """Before the first block of a backward pass."""
        self._buffers.take("dU", (self.points, self.kernel * self.channels, self.filters)).fill(0)

    def backward(self, x: np.ndarray, turned: np.ndarray | None, number: int, dx: np.ndarray | None) -> None:
        """Adds the block's part to the kernel's gradient, and fills dx, of x's shape, from what stands in `dz`."""
        n, k = len(x), self.kernel
        pixels = self._pixels(n)
        dz = self._buffers.take("dz", (n, self.tiles, TILE, self.columns * self.filters))
        dM = self._lines("dM", n, self.filters)  # with k-1 pixels of zeros in front: windows that look back
        dM[:, : k - 1] = 0
        dM[:, k - 1 + pixels :] = 0
        own = dM[:, k - 1 : k - 1 + pixels].reshape(self.points, n, self.tiles, -1)
        np.matmul(self.A, dz, out=own.transpose(1, 2, 0, 3))
        V = self._lines(("V", number), n, self.channels)
        dU = self._buffers.take("dU", (self.points, k * self.channels, self.filters))
        parts = self._buffers.take("dU parts", (k, *dU.shape))
        np.matmul(self._windows(V).mT, self._by_start(dM[:, k - 1 :]), out=parts)
        for part in parts:
            dU += part
        if dx is not None:
            self._input_gradient(dM, turned, n, dx)

    def finish(self) -> np.ndarray:
        """The gradient of the kernel, `(kernel, kernel, channels, filters)`, over the blocks since `begin`."""
        dU = self._buffers.take("dU", (self.points, self.kernel * self.channels * self.filters))
        return (self.G.T @ dU).reshape(self.kernel, self.kernel, self.channels, self.filters)

    def _input_gradient(self, dM: np.ndarray, turned, n: int, dx: np.ndarray) -> None:
        """dd = B dM': lines of a tile that overlap with the next tile's are added there."""
        height, k, pad = self.input[0], self.kernel, self.pad
        dV = self._sums("dV", dM, turned, n)[:, : self._pixels(n)]
        dV = dV.reshape(self.points, n, self.tiles, -1).transpose(1, 2, 0, 3)
        shape = (n, self.tiles + 1, TILE, self.columns * self.channels)
        own, after = self._buffers.take("dx own", shape), self._buffers.take("dx next", shape)
        np.matmul(self.B[:TILE], dV, out=own[:, :-1])
        np.matmul(self.B[TILE:], dV, out=after[:, 1:, : k - 1])
        own, after = (d.reshape(n, -1, self.columns, self.channels)[:, pad : pad + height, pad:] for d in (own, after))
        np.add(own, after, out=dx)

    def _pixels(self, n: int):
        return n * self.tiles * self.columns

    def _lines(self, name: Hashable, n: int, depth):
        """Room for the lines of a block, `(points, pixels, depth)`, rounded up to whole windows from every start."""
        k = self.kernel
        return self._buffers.take(name, (self.points, -(-self._pixels(n) // k) * k + k - 1, depth))

    def _windows(self, lines):
        """`(kernel, points, windows, kernel * depth)`: for every start the windows from there on, without a copy."""
        points, pixels, depth = lines.shape
        line, pixel, number = lines.strides
        shape = (self.kernel, points, pixels // self.kernel, self.kernel * depth)
        return np.lib.stride_tricks.as_strided(lines, shape, (pixel, line, self.kernel * pixel, number))

    def _by_start(self, pixels):
        """`(points, pixels, depth)` in the order of `_windows`: every kernel-th pixel, from every start, as a view."""
        points, size, depth = pixels.shape
        line, pixel, number = pixels.strides
        shape = (self.kernel, points, size // self.kernel, depth)
        return np.lib.stride_tricks.as_strided(pixels, shape, (pixel, line, self.kernel * pixel, number))

    def _sums(self, name: Hashable, lines, kernels, n: int):
        """For every window of the lines, its product with the kernels: `(points, pixels, kernels)`."""
        out = self._buffers.take(name, (self.points, lines.shape[1] - self.kernel + 1, kernels.shape[-1]))
        np.matmul(self._windows(lines), kernels, out=self._by_start(out))
        return out

    def _tiles(self, xpad: np.ndarray, n: int):
        """`(n, tiles, points, columns * channels)`: the lines of each tile, which overlap, as a view."""
        picture, row = xpad.strides[:2]
        shape = (n, self.tiles, self.points, self.columns * self.channels)
        return np.lib.stride_tricks.as_strided(xpad, shape, (picture, TILE * row, row, xpad.itemsize))

    def _outputs(self, z: np.ndarray):
        z = z.reshape(len(z), self.tiles * TILE, self.columns, self.filters)
        return planes(z[:, : self.output[0], : self.output[1]], self.window)
