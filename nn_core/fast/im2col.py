"""Convolution as one matrix product ("im2col"): every window of a picture becomes a row, and the kernel a matrix.

The rows hold each pixel as many times as there are windows that see it, so those of a whole batch would go to the slow
part of the memory and back; a block of pictures at a time stays nearer. The way takes every kernel, stride and padding;
winograd.py is faster for the common ones. Source: Chellapilla, Puri and Simard, 2006.
"""

from typing import Any

import numpy as np

from nn_core.fast.buffers import Buffers

NUMBERS = 1 << 20  # wanted size of a block's rows, in numbers


class Im2col:
    """Convolution of some pictures with one kernel; a worker with buffers of its own.

    window 2: the outputs come as four planes, each of one pixel of every window of 2x2, and pixels that fill no window
    are not computed at all.
    """

    def __init__(self, layer: Any, input_shape: tuple[int, ...], dtype: np.dtype, window: int = 1):
        self.kernel, self.stride, self.filters, self.window = layer.kernel, layer.stride, layer.filters, window
        self.input, channels = input_shape[:2], input_shape[2]
        output = layer.output_shape(input_shape)[:2]
        needed = [(size - 1) * self.stride + self.kernel for size in output]  # rows and columns that windows look at
        self.pad = (0, 0)
        if layer.padding == "same":  # the odd one goes to the bottom and the right
            self.pad = tuple(max(n - size, 0) // 2 for n, size in zip(needed, self.input, strict=True))
        self.padded = tuple(max(n, p + size) for n, p, size in zip(needed, self.pad, self.input, strict=True))
        self.plane = tuple(size // window for size in output)
        self.depth = self.kernel * self.kernel * channels
        self.channels, self.few_channels = channels, channels < 4
        size = self.plane[0] * self.plane[1]
        most = max(size * (self.depth + self.filters), self.depth * self.filters)  # numbers per plane, there and back
        self.block = max(1, NUMBERS // (window**2 * most))
        self._buffers = Buffers(dtype)

    def prepare(self, W: np.ndarray) -> np.ndarray:
        """The kernel as a matrix, `(kernel * kernel * channels, filters)`."""
        return W.reshape(self.depth, self.filters)

    def turn(self, prepared: np.ndarray) -> np.ndarray:
        """The same, for the gradient of x."""
        return prepared.T

    def forward(self, x: np.ndarray, prepared: np.ndarray, number: int) -> list[np.ndarray]:
        """Sums of a block, plane by plane, `(n, height, width, filters)`; they stand until the next block."""
        z = self._planes("z", len(x))
        self._gather(x, number)
        np.matmul(self._slices(number, len(x)), prepared, out=self._of_pictures(z))
        return list(z)

    def dz(self, n: int) -> list[np.ndarray]:
        """Room for the gradient of a block's sums, plane by plane."""
        return list(self._planes("dz", n))

    def begin(self) -> None:
        """Before the first block of a backward pass."""
        self._buffers.take("dW", (self.depth, self.filters)).fill(0)

    def backward(self, x: np.ndarray, turned: Any, number: int, dx: np.ndarray | None) -> None:
        """Adds the block's part to the kernel's gradient, and fills dx, of x's shape, from what stands in `dz`."""
        n, dz = len(x), self._of_pictures(self._planes("dz", len(x)))
        if not self.few_channels:
            self._gather(x, number)
        rows = self._slices(number, n)
        dW = self._buffers.take("dW", (self.depth, self.filters))
        parts = self._buffers.take("dW parts", (len(rows), *dW.shape))
        dW += np.matmul(rows.mT, dz, out=parts).sum(axis=0)
        if dx is None:
            return
        np.matmul(dz, turned, out=rows)
        windows = self._rows(number, n)
        dxpad = self._buffers.take("dxpad", (n, *self.padded, self.channels))
        dxpad.fill(0)
        seen = self._windows(dxpad)
        for plane in np.ndindex(self.window, self.window):
            for place in np.ndindex(self.kernel, self.kernel):  # here no pixel is seen twice
                seen[*plane, :, :, :, *place] += windows[*plane, :, :, :, *place]
        dx[...] = self._middle(dxpad)

    def finish(self) -> np.ndarray:
        """The gradient of the kernel, `(kernel, kernel, channels, filters)`, over the blocks since `begin`."""
        return self._buffers.take("dW", (self.kernel, self.kernel, self.channels, self.filters))

    def _gather(self, x: np.ndarray, number: int) -> None:
        """Fills the rows of a block: what each window sees."""
        xpad = self._buffers.take("xpad", (len(x), *self.padded, self.channels))
        self._middle(xpad)[...] = x
        np.copyto(self._rows(number, len(x)), self._windows(xpad))

    def _rows(self, number: int, n: int):
        """Room for the rows of a block, in the shape of `_windows`.

        With few channels, what a window sees of a line is a handful of numbers, and to copy handfuls is slow: the
        matrix then lies in memory column by column, and the same pixel of all windows of a line is one long copy.
        Such rows are not many numbers either, and are kept for the backward pass.
        """
        places = (self.window, self.window, n, *self.plane)
        seen = (self.kernel, self.kernel, self.channels)
        if self.few_channels:
            return self._buffers.take(("rows", number), seen + places).transpose(3, 4, 5, 6, 7, 0, 1, 2)
        return self._buffers.take("rows", places + seen)

    def _slices(self, number: int, n: int):
        """The same rows as one matrix for each plane of each picture, `(planes * n, windows, depth)`, as a view.

        One product of all rows would do, but BLAS is a quarter slower on products of more than a million
        multiplications: from there on it copies both matrices into an order of its own.
        """
        size = self.plane[0] * self.plane[1]
        if self.few_channels:
            rows = self._buffers.take(("rows", number), (self.depth, self.window**2 * n, size))
            return rows.transpose(1, 2, 0)
        return self._buffers.take("rows", (self.window**2 * n, size, self.depth))

    def _of_pictures(self, planes: np.ndarray):
        return planes.reshape(-1, self.plane[0] * self.plane[1], self.filters)

    def _windows(self, xpad: np.ndarray):
        """Windows as an overlapping view, `(window, window, n, height, width, kernel, kernel, channels)`."""
        picture, row, pixel, number = xpad.strides
        shape = (self.window, self.window, len(xpad), *self.plane, self.kernel, self.kernel, self.channels)
        step, far = self.stride, self.window * self.stride
        strides = (step * row, step * pixel, picture, far * row, far * pixel, row, pixel, number)
        return np.lib.stride_tricks.as_strided(xpad, shape, strides)

    def _middle(self, xpad: np.ndarray):
        (top, left), (height, width) = self.pad, self.input
        return xpad[:, top : top + height, left : left + width]

    def _planes(self, name: str, n: int):
        return self._buffers.take(name, (self.window**2, n, *self.plane, self.filters))
