"""A network: layers in a row, and the one flat array that holds all their parameters.

The network itself holds no numbers. `theta`, of shape `(..., parameters)`, is passed in; `views(theta)` gives each
layer its parameters by name, as windows into theta: what an optimiser does to theta, the layers see. Leading axes of
theta are separate models of the same shape, which train as one.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from nn_core.kinds import Initialiser, Layer, Params, Rng, Shape
from nn_core.layers.parameter import Parameter
from nn_core.random import stream
from nn_core.spec import clip, counted

LARGEST = 200_000_000  # parameters; with gradient and optimiser they fill some gigabytes


class Network:
    """Layers in a row on inputs of one shape.

    layers: the last one gives logits or values. input_shape: shape of one sample, e.g. (2,), or (28, 28, 1) for
    pictures. dtype: float32 or float64, of parameters and data alike. Raises ValueError for sizes that make no sense,
    and where a layer cannot take what the one before it gives.
    """

    def __init__(self, layers: Sequence[Layer], input_shape: tuple[int, ...], dtype: DTypeLike = np.float32):
        self.layers = tuple(layers)
        self.input_shape = _checked_shape(input_shape)
        self.dtype = _checked_dtype(dtype)
        self.largest = float(np.finfo(self.dtype).max)  # that a parameter can be
        self.size = 0  # number of parameters
        self.places: list[dict[str, tuple[int, Parameter]]] = []  # per layer: name -> (offset in theta, Parameter)
        if not self.layers:
            raise ValueError("layers must hold at least one layer, not none.")
        shape = self.input_shape
        for number, layer in enumerate(self.layers, start=1):
            places = {}
            for name, parameter in layer.parameters(shape).items():
                places[name] = (self.size, parameter)
                self.size += math.prod(parameter.shape)
            if self.size > LARGEST:
                raise ValueError(
                    f"The network would have {self.size:,} parameters with its layer {number} ({layer.label}); "
                    f"it may have at most {LARGEST:,}."
                )
            self.places.append(places)
            shape = layer.output_shape(shape)
        self.output_shape = shape
        self.differs_in_training = any(layer.differs_in_training for layer in self.layers)

    def views(self, theta: np.ndarray) -> list[Params]:
        """The parameters of each layer by name, as views into theta `(..., parameters)`."""
        return [
            {
                name: theta[..., offset : offset + math.prod(p.shape)].reshape(theta.shape[:-1] + p.shape)
                for name, (offset, p) in places.items()
            }
            for places in self.places
        ]

    def place(self, layer: int, name: str, *index: int) -> int:
        """Where in theta one number stands, e.g. `place(0, "W", 1, 2)`."""
        offset, parameter = self.places[layer][name]
        return offset + int(np.ravel_multi_index(index, parameter.shape))

    def weights_mask(self) -> np.ndarray:
        """1 for each parameter that is a weight, 0 for all others, `(parameters,)`: what penalties act on."""
        mask = np.zeros(self.size, self.dtype)
        for views, places in zip(self.views(mask), self.places, strict=True):
            for name, (_, parameter) in places.items():
                views[name][...] = parameter.is_weight
        return mask

    def init(self, initialiser: Initialiser, seed: int | Sequence[int]) -> np.ndarray:
        """First parameters: `(parameters,)` for one seed, `(models, parameters)` for several.

        Each layer draws from a stream of its own, so a change of one layer leaves the first weights of the others be.
        """
        if not isinstance(seed, (int, np.integer)):
            return np.stack([self.init(initialiser, one) for one in seed])
        theta = np.zeros(self.size, self.dtype)
        for number, (views, places) in enumerate(zip(self.views(theta), self.places, strict=True)):
            generator = stream(seed, "weights", number)
            for name, (_, parameter) in places.items():
                if parameter.is_weight:
                    drawn = initialiser.draw(generator, parameter.shape, parameter.fan_in, parameter.fan_out)
                    views[name][...] = drawn
                else:
                    views[name][...] = parameter.start
        return theta

    def forward(
        self, x: np.ndarray, params: list[Params], rng: Rng = None, outputs: list[np.ndarray] | None = None
    ) -> tuple[np.ndarray, list]:
        """Outputs `(..., samples, outputs)` and what `backward` needs of the way there, layer by layer.

        x: `(samples, *input_shape)`, which all models of a stack share, or `(models, samples, *input_shape)`. rng: a
        generator means training: dropout acts, and BatchNorm uses the batch and moves the running statistics in params.
        outputs: a list that takes what each layer puts out. Raises ValueError for samples of another shape.
        """
        x = self._with_models(x, params)
        caches = []
        for layer, p in zip(self.layers, params, strict=True):
            x, cache = layer.forward(x, p, rng)
            caches.append(cache)
            if outputs is not None:
                outputs.append(x)
        return x, caches

    def backward(
        self,
        dy: np.ndarray,
        caches: list,
        params: list[Params],
        gradients: list[Params],
        need_dx: bool = False,
        doutputs: list[np.ndarray] | None = None,
    ) -> np.ndarray | None:
        """Write the gradient of every parameter into `gradients` (views of one flat array); dx where asked for.

        dx has one entry per model, `(models, samples, *input_shape)`, also where the models share x: their sum is then
        the gradient of the sum of the losses. doutputs: a list that takes the gradient of what each layer puts out, the
        last layer's first.
        """
        dx: Any = dy
        for number in reversed(range(len(self.layers))):
            if doutputs is not None:
                doutputs.append(dx)
            dx = self.layers[number].backward(
                dx, caches[number], params[number], gradients[number], need_dx=need_dx or number > 0
            )
        return dx

    def predict(self, x: np.ndarray, theta: np.ndarray) -> np.ndarray:
        """Outputs `(..., samples, outputs)`, as when training is over: without dropout, with running statistics.

        Raises ValueError where x or theta `(..., parameters)` does not fit the network in shape or dtype.
        """
        self.check(x)
        if theta.dtype != self.dtype:
            raise ValueError(f"theta is {theta.dtype}, the network {self.dtype}; use one dtype for both.")
        if theta.shape[-1:] != (self.size,):
            raise ValueError(f"theta has the shape {theta.shape}; the network has {self.size:,} parameters.")
        return self.forward(x, self.views(theta))[0]

    def check(self, x: np.ndarray) -> None:
        """Raise ValueError where inputs x `(..., samples, *input_shape)` do not fit the network in shape or dtype."""
        if x.dtype != self.dtype:
            raise ValueError(f"x is {x.dtype}, the network {self.dtype}; use one dtype for both.")
        axes = len(self.input_shape)
        if x.ndim <= axes or x.shape[-axes:] != self.input_shape:
            wanted = ", ".join(map(str, ("samples", *self.input_shape)))
            raise ValueError(f"x has the shape {x.shape}; the network takes ({wanted}).")

    def _with_models(self, x: np.ndarray, params: list[Params]) -> np.ndarray:
        """x with as many axes of models in front as the parameters have; those that were missing have length 1."""
        models = self._models(params)
        missing = len(models) + 1 + len(self.input_shape) - x.ndim
        if not 0 <= missing <= len(models) or x.shape[x.ndim - len(self.input_shape) :] != self.input_shape:
            wanted = ["models"] * len(models) + ["samples"] + [str(size) for size in self.input_shape]
            raise ValueError(f"x has the shape {x.shape}; the network takes ({', '.join(wanted)}).")
        x = x[(None,) * missing]
        if any(own not in (1, there) for own, there in zip(x.shape, models, strict=False)):
            raise ValueError(f"x has the shape {x.shape}; the parameters are those of {counted(models[0], 'model')}.")
        return x

    def _models(self, params: list[Params]) -> Shape:
        """The axes of models of the parameters: () for one model, (100,) for a stack of a hundred."""
        for views, places in zip(params, self.places, strict=True):
            for name, (_, parameter) in places.items():
                return views[name].shape[: views[name].ndim - len(parameter.shape)]
        return ()


def _checked_shape(shape: Shape) -> Shape:
    sizes = tuple(shape) if isinstance(shape, Sequence) and not isinstance(shape, str) else ()
    if not sizes or not all(isinstance(size, (int, np.integer)) and size >= 1 for size in sizes):
        wanted = "one or more whole numbers of at least 1, such as (2,)"
        raise ValueError(f"input_shape must be {wanted}, not {clip(repr(shape))}.")
    return tuple(int(size) for size in sizes)


def _checked_dtype(dtype: DTypeLike) -> np.dtype:
    try:
        checked = None if dtype is None else np.dtype(dtype)  # NumPy takes None for float64
    except TypeError:
        checked = None
    if checked not in (np.float32, np.float64):
        raise ValueError(f"dtype must be float32 or float64, not {clip(dtype)}.")
    return checked
