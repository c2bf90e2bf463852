"""Networks whose first layer flattens pictures, and which are rows of dense layers from there on: vectors.py runs them.

Flatten has no parameters, and a flattened picture is the same memory seen as a row, so nothing is copied.
"""

import math

import numpy as np

from nn_core.fast.vectors import Vectors
from nn_core.kinds import Loss, Rng
from nn_core.layers import Flatten
from nn_core.network import Network


class Flattened:
    """The gradient and the outputs of one network, or a stack, whose parameters are `theta`."""

    is_costly = False

    def __init__(self, network: Network, loss: Loss, theta: np.ndarray, gradient: np.ndarray | None = None):
        self._axes = len(network.input_shape)
        self._inputs = math.prod(network.input_shape)
        rest = Network(network.layers[1:], (self._inputs,), network.dtype)
        self._vectors = Vectors(rest, loss, theta, gradient)

    @staticmethod
    def takes(network: Network) -> bool:
        """Whether the network is of this kind."""
        return len(network.layers) > 1 and type(network.layers[0]) is Flatten and Vectors.takes_all(network.layers[1:])

    def gradient(self, x: np.ndarray, targets: np.ndarray, rng: Rng = None) -> None:
        """Write the gradient of the loss on one batch, x `(..., samples, *features)`, into the gradient array."""
        self._vectors.gradient(self._flat(x), targets, rng)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Outputs `(..., samples, outputs)` for x of as many samples as there are; dropout is off."""
        return self._vectors.predict(self._flat(x))

    def _flat(self, x: np.ndarray):
        return x.reshape(*x.shape[: x.ndim - self._axes], self._inputs)
