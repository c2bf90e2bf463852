"""Layers: each writes its own forward and backward pass, in the few lines that a student derives on paper.

Shapes: x is `(..., samples, features)`; the axes before `samples` are separate models, whose parameters have the same
leading axes. A layer is a frozen dataclass and holds no numbers of its own; it has

    output_shape(input_shape)       shape of one output sample, given that of one input sample
    parameters(input_shape)         name -> Parameter: what the network must keep for it
    forward(x, p, rng=None)         -> output, cache; p holds the parameters by name; dropout acts when rng is given
    backward(dy, cache, p, g)       writes the gradients of the parameters into g, returns that of x
    backward(..., need_dx=False)    the same, but returns None: the first layer's input has no use for a gradient

A gradient dy is that of the loss with respect to y, of y's shape.
"""

from dataclasses import dataclass

from nn_core.activations import ACTIVATIONS, Linear, Tanh
from nn_core.spec import Choice, knob

WIDEST = 100_000  # units; more than that is a slip of the finger, not a layer


@dataclass(frozen=True)
class Parameter:
    """Shape and role of one parameter array; the fans are what the initialisers need. A bias has fan_in 0."""

    shape: tuple[int, ...]
    fan_in: int = 0
    fan_out: int = 0

    @property
    def is_weight(self) -> bool:
        return self.fan_in > 0


@dataclass(frozen=True)
class Dense(Choice):
    """y = f(x W + b): every unit sees every feature."""

    label = "Dense"
    units: int = knob(8, "Units", "How many numbers the layer puts out.", low=1, high=WIDEST)
    activation: Choice = knob(Linear(), "Activation", "What each unit makes of its sum.", registry=ACTIVATIONS)

    def output_shape(self, input_shape):
        return (self.units,)

    def parameters(self, input_shape):
        (features,) = _vector(input_shape, self)
        return {
            "W": Parameter((features, self.units), fan_in=features, fan_out=self.units),
            "b": Parameter((self.units,)),
        }

    def forward(self, x, p, rng=None):
        z = x @ p["W"] + p["b"][..., None, :]
        y = self.activation.forward(z)
        return y, (x, z, y)

    def backward(self, dy, cache, p, g, need_dx=True):
        x, z, y = cache
        dz = dy * self.activation.derivative(z, y)
        g["W"][...] = x.mT @ dz
        g["b"][...] = dz.sum(axis=-2)
        return dz @ p["W"].mT if need_dx else None


@dataclass(frozen=True)
class Residual(Choice):
    """y = x + f(x W1 + b) W2: the layer learns what to add to its input (He et al., 2016)."""

    label = "Residual"
    units: int = knob(
        8, "Units", "Hidden units inside the block; its output is as wide as its input.", low=1, high=WIDEST
    )
    activation: Choice = knob(Tanh(), "Activation", "What each hidden unit makes of its sum.", registry=ACTIVATIONS)

    def output_shape(self, input_shape):
        return input_shape

    def parameters(self, input_shape):
        (features,) = _vector(input_shape, self)
        return {
            "W1": Parameter((features, self.units), fan_in=features, fan_out=self.units),
            "b": Parameter((self.units,)),
            "W2": Parameter((self.units, features), fan_in=self.units, fan_out=features),
        }

    def forward(self, x, p, rng=None):
        z = x @ p["W1"] + p["b"][..., None, :]
        hidden = self.activation.forward(z)
        return x + hidden @ p["W2"], (x, z, hidden)

    def backward(self, dy, cache, p, g, need_dx=True):
        x, z, hidden = cache
        dz = (dy @ p["W2"].mT) * self.activation.derivative(z, hidden)
        g["W2"][...] = hidden.mT @ dy
        g["W1"][...] = x.mT @ dz
        g["b"][...] = dz.sum(axis=-2)
        return dy + dz @ p["W1"].mT if need_dx else None


@dataclass(frozen=True)
class Dropout(Choice):
    """Silences each number with probability `rate` while training, and divides the others by the share that is kept.

    Nothing happens when predicting, that is, when no generator is given (Srivastava et al., 2014; inverted form).
    """

    label = "Dropout"
    rate: float = knob(0.5, "Rate", "Share of the numbers that is silenced in each step.", low=0, high=0.95)

    def output_shape(self, input_shape):
        return input_shape

    def parameters(self, input_shape):
        return {}

    def forward(self, x, p, rng=None):
        if rng is None or self.rate == 0:
            return x, None
        kept = rng.random(x.shape, dtype=x.dtype) >= self.rate
        scale = kept * x.dtype.type(1 / (1 - self.rate))
        return x * scale, scale

    def backward(self, dy, cache, p, g, need_dx=True):
        return dy if cache is None else dy * cache


LAYERS = {"dense": Dense, "residual": Residual, "dropout": Dropout}


def _vector(input_shape, layer):
    if len(input_shape) != 1:
        raise ValueError(f"{layer.label} takes vectors, (features,), but its input has the shape {input_shape}.")
    return input_shape
