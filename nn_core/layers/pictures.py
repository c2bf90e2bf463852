"""Layers on pictures: Conv2D, MaxPool2D, AveragePool2D, and Flatten, which hands them on to a Dense layer.

Pictures are `(..., samples, height, width, channels)`. All three look at a picture through windows, so two functions
carry them: `windows` gathers what each window sees, and `put_back`, its transpose, adds what each window returns to
the pixels that it came from. With them a convolution is a Dense layer on windows, and the backward passes need no
further thought about strides, overlaps and edges.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nn_core.activations import ACTIVATIONS, Linear
from nn_core.kinds import Activation, Array, Params, Rng, Shape
from nn_core.layers.parameter import Parameter
from nn_core.spec import Choice, knob

MOST_FILTERS = 10_000
LARGEST_WINDOW = 1_000  # pixels across


def windows(x: Array, size: int, stride: int) -> Array:
    """What windows of size x size pixels, `stride` apart, see of the pictures x `(..., height, width, channels)`.

    Returns `(..., rows, columns, size * size, channels)`: rows x columns windows, each with its pixels row by row.
    Pixels at the bottom and the right that fill no further window are left out.
    """
    seen = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(-3, -2))
    seen = np.moveaxis(seen[..., ::stride, ::stride, :, :, :], -3, -1)
    return seen.reshape(*seen.shape[:-3], size * size, x.shape[-1])


def put_back(seen: Array, picture: Shape, size: int, stride: int) -> Array:
    """The transpose of `windows`: each pixel of the pictures gets the sum of what all windows hold for it.

    seen `(..., rows, columns, size * size, channels)`; picture: height and width. Returns `(..., *picture, channels)`.
    """
    *samples, rows, columns, _, channels = seen.shape
    x = np.zeros((*samples, *picture, channels), seen.dtype)
    for place, (row, column) in enumerate(np.ndindex(size, size)):  # the same pixel of all windows at once
        down = slice(row, row + stride * rows, stride)
        across = slice(column, column + stride * columns, stride)
        x[..., down, across, :] += seen[..., place, :]
    return x


class ConvCache(NamedTuple):
    """What a convolution keeps for its way back: the sum z of what its windows see of x, and a = f(z)."""

    x: Array
    seen: Array  # (..., windows, size * size * channels)
    z: Array
    a: Array


class MaxPoolCache(NamedTuple):
    """Height and width of the pictures, and which pixel of each window won, `(..., rows, columns, 1, channels)`."""

    picture: tuple[int, ...]
    winner: Array


class PictureCache(NamedTuple):
    """The shape that the pictures had."""

    picture: tuple[int, ...]


@dataclass(frozen=True)
class Conv2D(Choice):
    """y = f(x * W + b): each filter looks through a small window at every place, with the same weights everywhere.

    W `(kernel, kernel, channels, filters)`, b `(filters,)`. Strictly it is a cross-correlation: the kernel is not
    turned over (LeCun et al., 1989). "same" pads with zeros to ceil(size / stride) outputs, an odd one at the bottom
    and the right; "valid" pads nothing.
    """

    label = "Conv2D"
    differs_in_training = False
    filters: int = knob(8, "Filters", "How many channels the layer puts out.", low=1, high=MOST_FILTERS)
    kernel: int = knob(3, "Kernel", "Width and height of the window, in pixels.", low=1, high=LARGEST_WINDOW)
    stride: int = knob(1, "Stride", "Pixels from one window to the next.", low=1, high=LARGEST_WINDOW)
    padding: str = knob(
        "same",
        "Padding",
        "same: zeros around the picture keep its size; valid: windows stay inside.",
        choices=("same", "valid"),
    )
    activation: Activation = knob(Linear(), "Activation", "What each filter makes of its sum.", registry=ACTIVATIONS)

    def output_shape(self, input_shape: Shape) -> Shape:
        height, width, _ = _picture(input_shape, self, "kernel", self.kernel)
        if self.padding == "same":
            return (-(-height // self.stride), -(-width // self.stride), self.filters)  # rounded up
        return (*_count((height, width), self.kernel, self.stride), self.filters)

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        _, _, channels = _picture(input_shape, self, "kernel", self.kernel)
        area = self.kernel * self.kernel
        return {
            "W": Parameter((self.kernel, self.kernel, channels, self.filters), area * channels, area * self.filters),
            "b": Parameter((self.filters,)),
        }

    def forward(self, x: Array, p: Params, rng: Rng = None) -> tuple[Array, ConvCache]:
        rows, columns, _ = self.output_shape(x.shape[-3:])
        seen = windows(np.pad(x, self._padding(x)), self.kernel, self.stride)
        seen = seen.reshape(*x.shape[:-4], -1, seen.shape[-2] * seen.shape[-1])  # one row per window
        z = seen @ self._matrix(p["W"]) + p["b"][..., None, :]
        z = z.reshape(*z.shape[:-2], -1, rows, columns, self.filters)
        a = self.activation.forward(z)
        return a, ConvCache(x, seen, z, a)

    def backward(self, dy: Array, cache: ConvCache, p: Params, g: Params, need_dx: bool = True) -> Array | None:
        x = cache.x
        dz = dy * self.activation.derivative(cache.z, cache.a)
        *models, samples, rows, columns, filters = dz.shape
        dz = dz.reshape(*models, samples * rows * columns, filters)
        g["W"][...] = (cache.seen.mT @ dz).reshape(g["W"].shape)
        g["b"][...] = dz.sum(axis=-2)
        if not need_dx:
            return None
        dseen = dz @ self._matrix(p["W"]).mT
        dseen = dseen.reshape(*models, samples, rows, columns, self.kernel**2, x.shape[-1])
        (top, bottom), (left, right) = self._padding(x)[-3:-1]
        height, width = x.shape[-3:-1]
        dpadded = put_back(dseen, (top + height + bottom, left + width + right), self.kernel, self.stride)
        return dpadded[..., top : top + height, left : left + width, :]

    def _matrix(self, W: Array) -> Array:
        """W as a matrix, with one row per number of a window."""
        return W.reshape(*W.shape[:-4], -1, self.filters)

    def _padding(self, x: Array) -> list[tuple[int, int]]:
        """Zeros before and after each axis of x."""
        sides = [(0, 0), (0, 0)]
        if self.padding == "same":
            sizes = x.shape[-3:-1]
            needed = [(-(-size // self.stride) - 1) * self.stride + self.kernel for size in sizes]
            zeros = [max(0, need - size) for need, size in zip(needed, sizes, strict=True)]
            sides = [(count // 2, count - count // 2) for count in zeros]
        return [*[(0, 0)] * (x.ndim - 3), *sides, (0, 0)]


@dataclass(frozen=True)
class _Pool(Choice):
    """What makes one number of each window, channel by channel. Pixels that fill no window are left out."""

    label = "Pool"
    differs_in_training = False
    size: int = knob(2, "Window", "Width and height of the window, in pixels.", low=1, high=LARGEST_WINDOW)
    stride: int = knob(
        0, "Stride", "Pixels from one window to the next; 0: as many as the window is wide.", low=0, high=LARGEST_WINDOW
    )

    def output_shape(self, input_shape: Shape) -> Shape:
        return _pooled(input_shape, self)

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        return {}


@dataclass(frozen=True)
class MaxPool2D(_Pool):
    """The largest number in each window, channel by channel; the gradient goes to where it stood.

    Among equal ones the first, row by row, gets the gradient. Pixels that fill no window are left out.
    """

    label = "MaxPool2D"

    def forward(self, x: Array, p: Params, rng: Rng = None) -> tuple[Array, MaxPoolCache]:
        seen = windows(x, self.size, self.stride or self.size)
        winner = seen.argmax(axis=-2)[..., None, :]  # (..., rows, columns, 1, channels)
        return np.take_along_axis(seen, winner, axis=-2)[..., 0, :], MaxPoolCache(x.shape[-3:-1], winner)

    def backward(self, dy: Array, cache: MaxPoolCache, p: Params, g: Params, need_dx: bool = True) -> Array | None:
        has_won = cache.winner == np.arange(self.size**2)[:, None]
        dseen = dy[..., None, :] * has_won
        return put_back(dseen, cache.picture, self.size, self.stride or self.size) if need_dx else None


@dataclass(frozen=True)
class AveragePool2D(_Pool):
    """The mean of each window, channel by channel. Pixels that fill no window are left out."""

    label = "AveragePool2D"

    def forward(self, x: Array, p: Params, rng: Rng = None) -> tuple[Array, PictureCache]:
        return windows(x, self.size, self.stride or self.size).mean(axis=-2), PictureCache(x.shape[-3:-1])

    def backward(self, dy: Array, cache: PictureCache, p: Params, g: Params, need_dx: bool = True) -> Array | None:
        if not need_dx:
            return None
        share = dy[..., None, :] / self.size**2
        dseen = np.repeat(share, self.size**2, axis=-2)  # each pixel of a window has the same share in its mean
        return put_back(dseen, cache.picture, self.size, self.stride or self.size)


@dataclass(frozen=True)
class Flatten(Choice):
    """Each sample as one vector, row by row, so that a Dense layer can follow."""

    label = "Flatten"
    differs_in_training = False

    def output_shape(self, input_shape: Shape) -> Shape:
        height, width, channels = _picture(input_shape, self)
        return (height * width * channels,)

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        return {}

    def forward(self, x: Array, p: Params, rng: Rng = None) -> tuple[Array, PictureCache]:
        picture = x.shape[-3:]
        return x.reshape(*x.shape[:-3], math.prod(picture)), PictureCache(picture)

    def backward(self, dy: Array, cache: PictureCache, p: Params, g: Params, need_dx: bool = True) -> Array | None:
        return dy.reshape(*dy.shape[:-1], *cache.picture)


def _picture(input_shape: Shape, layer: Any, what: str = "window", size: int = 1) -> Shape:
    """input_shape, if it is a picture that a window of this size fits into."""
    if len(input_shape) != 3:
        raise ValueError(
            f"{layer.label} takes pictures, (height, width, channels), but its input has the shape {input_shape}."
        )
    height, width, _ = input_shape
    if size > min(height, width):
        raise ValueError(
            f"{layer.label} has a {what} of {size:,} x {size:,} pixels, "
            f"larger than its picture of {height:,} x {width:,}."
        )
    return input_shape


def _count(picture: Sequence[int], size: int, stride: int) -> Shape:
    """How many windows fit below and beside each other."""
    return tuple((pixels - size) // stride + 1 for pixels in picture)


def _pooled(input_shape: Shape, layer: "_Pool") -> Shape:
    *picture, channels = _picture(input_shape, layer, size=layer.size)
    return (*_count(picture, layer.size, layer.stride or layer.size), channels)
