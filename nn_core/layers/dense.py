"""Layers on vectors: Dense, the residual block made of two of them, and Dropout, which takes inputs of any shape."""

from dataclasses import dataclass
from typing import NamedTuple

from nn_core.activations import ACTIVATIONS, Linear, Tanh
from nn_core.kinds import Activation, Array, Layer, Params, Rng, Shape
from nn_core.layers.parameter import Parameter
from nn_core.spec import Choice, knob

WIDEST = 100_000  # units; more than that is a slip of the finger, not a layer


class SumCache(NamedTuple):
    """What a layer keeps for its way back that bends a weighted sum z of its input x to a = f(z)."""

    x: Array
    z: Array
    a: Array


class DropoutCache(NamedTuple):
    """What each number was multiplied by, `(..., samples, *features)`; None where nothing was silenced."""

    scale: Array | None


@dataclass(frozen=True)
class Dense(Choice):
    """y = f(x W + b): every unit sees every feature."""

    label = "Dense"
    differs_in_training = False
    units: int = knob(8, "Units", "How many numbers the layer puts out.", low=1, high=WIDEST)
    activation: Activation = knob(Linear(), "Activation", "What each unit makes of its sum.", registry=ACTIVATIONS)

    def output_shape(self, input_shape: Shape) -> Shape:
        return (self.units,)

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        (features,) = _vector(input_shape, self)
        return {
            "W": Parameter((features, self.units), fan_in=features, fan_out=self.units),
            "b": Parameter((self.units,)),
        }

    def forward(self, x: Array, p: Params, rng: Rng = None) -> tuple[Array, SumCache]:
        z = x @ p["W"] + p["b"][..., None, :]
        a = self.activation.forward(z)
        return a, SumCache(x, z, a)

    def backward(self, dy: Array, cache: SumCache, p: Params, g: Params, need_dx: bool = True) -> Array | None:
        dz = dy * self.activation.derivative(cache.z, cache.a)
        g["W"][...] = cache.x.mT @ dz
        g["b"][...] = dz.sum(axis=-2)
        return dz @ p["W"].mT if need_dx else None


@dataclass(frozen=True)
class Residual(Choice):
    """y = x + f(x W1 + b) W2: the layer learns what to add to its input (He et al., 2016)."""

    label = "Residual"
    differs_in_training = False
    units: int = knob(
        8, "Units", "Hidden units inside the block; its output is as wide as its input.", low=1, high=WIDEST
    )
    activation: Activation = knob(Tanh(), "Activation", "What each hidden unit makes of its sum.", registry=ACTIVATIONS)

    def output_shape(self, input_shape: Shape) -> Shape:
        return _vector(input_shape, self)

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        (features,) = _vector(input_shape, self)
        return {
            "W1": Parameter((features, self.units), fan_in=features, fan_out=self.units),
            "b": Parameter((self.units,)),
            "W2": Parameter((self.units, features), fan_in=self.units, fan_out=features),
        }

    def forward(self, x: Array, p: Params, rng: Rng = None) -> tuple[Array, SumCache]:
        z = x @ p["W1"] + p["b"][..., None, :]
        a = self.activation.forward(z)
        return x + a @ p["W2"], SumCache(x, z, a)

    def backward(self, dy: Array, cache: SumCache, p: Params, g: Params, need_dx: bool = True) -> Array | None:
        dz = (dy @ p["W2"].mT) * self.activation.derivative(cache.z, cache.a)
        g["W2"][...] = cache.a.mT @ dy
        g["W1"][...] = cache.x.mT @ dz
        g["b"][...] = dz.sum(axis=-2)
        return dy + dz @ p["W1"].mT if need_dx else None


@dataclass(frozen=True)
class Dropout(Choice):
    """Silences each number with probability `rate` while training, and divides the others by the share that is kept.

    Nothing happens when predicting, that is, when no generator is given (Srivastava et al., 2014; inverted form).
    """

    label = "Dropout"
    rate: float = knob(0.5, "Rate", "Share of the numbers that is silenced in each step.", low=0, high=0.95)

    @property
    def differs_in_training(self) -> bool:
        """Whether anything is silenced at all."""
        return self.rate > 0

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def parameters(self, input_shape: Shape) -> dict[str, Parameter]:
        return {}

    def forward(self, x: Array, p: Params, rng: Rng = None) -> tuple[Array, DropoutCache]:
        if rng is None or self.rate == 0:
            return x, DropoutCache(None)
        kept = rng.random(x.shape, dtype=x.dtype) >= self.rate
        scale = kept * x.dtype.type(1 / (1 - self.rate))
        return x * scale, DropoutCache(scale)

    def backward(self, dy: Array, cache: DropoutCache, p: Params, g: Params, need_dx: bool = True) -> Array | None:
        return dy if cache.scale is None else dy * cache.scale


def _vector(input_shape: Shape, layer: Layer) -> Shape:
    if len(input_shape) == 1:
        return input_shape
    hint = "; put a Flatten layer before it" if len(input_shape) > 1 else ""
    raise ValueError(f"{layer.label} takes vectors, (features,), but its input has the shape {input_shape}{hint}.")
