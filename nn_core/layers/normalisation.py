"""Layers that normalise: BatchNorm each channel over the batch, LayerNorm each sample over its channels.

Both look at x as a table `(..., rows, channels)`, with one row per sample, or, for pictures, one row per pixel of each
sample. BatchNorm then takes means down the columns (axis -2), LayerNorm along the rows (axis -1): all else is shared.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nn_core.kinds import Array, Params, Rng, Shape
from nn_core.layers.parameter import Parameter
from nn_core.spec import Choice, knob


class NormCache(NamedTuple):
    """What a layer that normalises keeps for its way back.

    normal `(..., rows, channels)`: (table - mean) / std; std: in one shape with the means. of_x: whether mean and std
    were those of x itself, and not running statistics.
    """

    normal: Array
    std: Array
    of_x: bool = True


@dataclass(frozen=True)
class BatchNorm(Choice):
    """y = gamma (x - mean) / sqrt(variance + epsilon) + beta, channel by channel (Ioffe and Szegedy, 2015).

    While training, mean and variance are those of the batch, over samples and positions, and the running statistics
    `mean` and `variance` in p move a little towards them, in place; predictions use these. The running variance is the
    unbiased one. A batch of one row has no spread: it puts out beta, and counts as variance 0; no trainer takes it.
    """

    label = "BatchNorm"
    differs_in_training = True
    least_rows = 2  # in a batch, for there to be a spread
    momentum: float = knob(
        0.1, "Momentum", "Weight of the newest batch in the statistics for predicting.", low=0, high=1
    )
    epsilon: float = knob(1e-5, "Epsilon", "Added to the variance, so that it is never zero.", low=1e-8, high=1)

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        channels = input_shape[-1:]
        return {
            "gamma": Parameter(channels, start=1),
            "beta": Parameter(channels),
            "mean": Parameter(channels, learned=False),
            "variance": Parameter(channels, start=1, learned=False),
        }

    def forward(self, x: Array, p: Params, rng: Rng = None) -> tuple[Array, NormCache]:
        table = _table(x, p)
        if rng is None:
            mean, variance = p["mean"][..., None, :], p["variance"][..., None, :]
        else:
            mean = table.mean(axis=-2, keepdims=True)
            variance = np.square(table - mean).mean(axis=-2, keepdims=True)
            self._remember(p, mean[..., 0, :], variance[..., 0, :], table.shape[-2])
        std = np.sqrt(variance + self.epsilon)
        normal = (table - mean) / std
        return _scaled(normal, p, x), NormCache(normal, std, rng is not None)

    def backward(self, dy: Array, cache: NormCache, p: Params, g: Params, need_dx: bool = True) -> Array | None:
        normal, std = cache.normal, cache.std
        g["mean"][...] = g["variance"][...] = 0
        dnormal = _scaled_backward(dy, normal, p, g)
        if not need_dx:
            return None
        if not cache.of_x:  # mean and variance do not depend on x
            return (dnormal / std).reshape(dy.shape)
        return _normalised_backward(dnormal, normal, std, axis=-2).reshape(dy.shape)

    def _remember(self, p: Params, mean: Array, variance: Array, rows: int) -> None:
        unbiased = variance * (rows / max(1, rows - 1))
        p["mean"][...] = (1 - self.momentum) * p["mean"] + self.momentum * mean
        p["variance"][...] = (1 - self.momentum) * p["variance"] + self.momentum * unbiased


@dataclass(frozen=True)
class LayerNorm(Choice):
    """y = gamma (x - mean) / sqrt(variance + epsilon) + beta, with mean and variance over the channels of one row.

    Each sample, and in pictures each pixel, is normalised by itself; training and predicting do the same (Ba, Kiros
    and Hinton, 2016).
    """

    label = "LayerNorm"
    differs_in_training = False
    epsilon: float = knob(1e-5, "Epsilon", "Added to the variance, so that it is never zero.", low=1e-8, high=1)

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        channels = input_shape[-1:]
        return {"gamma": Parameter(channels, start=1), "beta": Parameter(channels)}

    def forward(self, x: Array, p: Params, rng: Rng = None) -> tuple[Array, NormCache]:
        table = _table(x, p)
        mean = table.mean(axis=-1, keepdims=True)
        std = np.sqrt(np.square(table - mean).mean(axis=-1, keepdims=True) + self.epsilon)
        normal = (table - mean) / std
        return _scaled(normal, p, x), NormCache(normal, std)

    def backward(self, dy: Array, cache: NormCache, p: Params, g: Params, need_dx: bool = True) -> Array | None:
        dnormal = _scaled_backward(dy, cache.normal, p, g)
        return _normalised_backward(dnormal, cache.normal, cache.std, axis=-1).reshape(dy.shape) if need_dx else None


def _table(x: Array, p: Params) -> Array:
    """x as `(..., rows, channels)`: all axes between those of the models and the last one make one."""
    models = p["gamma"].ndim - 1
    return x.reshape(*x.shape[:models], -1, x.shape[-1])


def _scaled(normal: Array, p: Params, x: Array) -> Array:
    """gamma * normal + beta, in the shape of x, with the axes of models of the parameters."""
    y = p["gamma"][..., None, :] * normal + p["beta"][..., None, :]
    return y.reshape(*y.shape[:-2], *x.shape[y.ndim - 2 :])


def _scaled_backward(dy: Array, normal: Array, p: Params, g: Params) -> Array:
    """Writes the gradients of gamma and beta, and returns that of `normal`."""
    dy = dy.reshape(*dy.shape[: p["gamma"].ndim - 1], -1, dy.shape[-1])
    g["gamma"][...] = (dy * normal).sum(axis=-2)
    g["beta"][...] = dy.sum(axis=-2)
    return dy * p["gamma"][..., None, :]


def _normalised_backward(dnormal: Array, normal: Array, std: Array, axis: int) -> Array:
    """The gradient through normal = (table - mean) / std, where mean and std are those of the table along `axis`.

    A table moved as a whole, or stretched, gives the same `normal`; so both parts are taken out of the gradient.
    """
    moved = dnormal.mean(axis=axis, keepdims=True)
    stretched = normal * (dnormal * normal).mean(axis=axis, keepdims=True)
    return (dnormal - moved - stretched) / std
