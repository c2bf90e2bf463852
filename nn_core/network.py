"""A network: layers in a row, and the one flat array that holds all their parameters.

The network itself holds no numbers. `theta`, of shape `(..., parameters)`, is passed in; `views(theta)` gives each
layer its parameters by name, as windows into theta: what an optimiser does to theta, the layers see. Leading axes of
theta are separate models of the same shape, which train as one.
"""

from collections.abc import Sequence

import numpy as np

from nn_core.layers import Dropout
from nn_core.random import stream


class Network:
    """Layers in a row on inputs of one shape.

    layers: the last one gives logits or values. input_shape: shape of one sample, e.g. (2,). dtype: float32 or float64,
    of parameters and data alike. Raises ValueError where a layer cannot take what the one before it gives.
    """

    def __init__(self, layers: Sequence, input_shape: tuple[int, ...], dtype=np.float32):
        self.layers = tuple(layers)
        self.input_shape = tuple(input_shape)
        self.dtype = np.dtype(dtype)
        self.size = 0  # number of parameters
        self.places = []  # per layer: name -> (offset in theta, Parameter)
        shape = self.input_shape
        for layer in self.layers:
            places = {}
            for name, parameter in layer.parameters(shape).items():
                places[name] = (self.size, parameter)
                self.size += int(np.prod(parameter.shape))
            self.places.append(places)
            shape = layer.output_shape(shape)
        self.output_shape = shape
        self.is_random = any(isinstance(layer, Dropout) and layer.rate > 0 for layer in self.layers)  # while training

    def views(self, theta: np.ndarray) -> list[dict[str, np.ndarray]]:
        """The parameters of each layer by name, as views into theta `(..., parameters)`."""
        return [
            {
                name: theta[..., offset : offset + int(np.prod(p.shape))].reshape(theta.shape[:-1] + p.shape)
                for name, (offset, p) in places.items()
            }
            for places in self.places
        ]

    def place(self, layer: int, name: str, *index: int) -> int:
        """Where in theta one number stands, e.g. `place(0, "W", 1, 2)`."""
        offset, parameter = self.places[layer][name]
        return offset + int(np.ravel_multi_index(index, parameter.shape))

    def weights_mask(self) -> np.ndarray:
        """1 for each parameter that is a weight, 0 for biases, `(parameters,)`: what penalties act on."""
        mask = np.zeros(self.size, self.dtype)
        for views, places in zip(self.views(mask), self.places, strict=True):
            for name, (_, parameter) in places.items():
                views[name][...] = parameter.is_weight
        return mask

    def init(self, initialiser, seed: int | Sequence[int]) -> np.ndarray:
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
        return theta

    def forward(self, x: np.ndarray, params: list[dict], rng=None) -> tuple[np.ndarray, list]:
        """Outputs `(..., samples, outputs)` and what `backward` needs of the way there; rng turns dropout on."""
        caches = []
        for layer, p in zip(self.layers, params, strict=True):
            x, cache = layer.forward(x, p, rng)
            caches.append(cache)
        return x, caches

    def backward(
        self, dy: np.ndarray, caches: list, params: list[dict], gradients: list[dict], need_dx: bool = False
    ) -> np.ndarray | None:
        """Write the gradient of every parameter into `gradients` (views of one flat array); dx where asked for."""
        for number in reversed(range(len(self.layers))):
            dy = self.layers[number].backward(
                dy, caches[number], params[number], gradients[number], need_dx=need_dx or number > 0
            )
        return dy

    def predict(self, x: np.ndarray, theta: np.ndarray) -> np.ndarray:
        """Outputs `(..., samples, outputs)`, without dropout."""
        return self.forward(x, self.views(theta))[0]
