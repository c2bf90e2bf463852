"""Networks that vectors.py does not take: those on pictures, and those with normalisation.

Here the members of a stack train one after the other, each as it would alone: pictures gain nothing by being stacked,
and the numbers are those of the solo run to the last bit.
"""

from typing import Any

import numpy as np

from nn_core.fast.pictures import Pictures
from nn_core.kinds import Loss, Params, Rng
from nn_core.network import Network
from nn_core.random import Streams

BLOCK = 4096  # vectors that are predicted at a time; Pictures has a block of its own


class Mixed:
    """The gradient and the outputs of one network, or a stack, whose parameters are `theta`."""

    def __init__(self, network: Network, loss: Loss, theta: np.ndarray, gradient: np.ndarray | None = None):
        self._loss, self._stacked = loss, theta.ndim > 1
        self._on_pictures = len(network.input_shape) > 1
        self._passes: Any = Pictures(network) if self._on_pictures else network
        members = range(len(theta)) if self._stacked else [...]
        self._params = [network.views(theta[k]) for k in members]
        self._gradients: Any = None if gradient is None else [network.views(gradient[k]) for k in members]
        self._sample_axes = len(network.input_shape)
        self.is_costly = self._on_pictures

    def gradient(self, x: np.ndarray, targets: np.ndarray, rng: Rng = None) -> None:
        """Write the gradient of the loss on one batch, x `(..., samples, *features)`, into the gradient array."""
        if not self._stacked:
            self._member(0, x, targets, rng)
            return
        generators = rng.generators if isinstance(rng, Streams) else [None] * len(self._params)
        for k, generator in enumerate(generators):
            self._member(k, x[k], targets[k], generator)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Outputs `(..., samples, outputs)` for x of as many samples as there are; dropout is off."""
        if not self._stacked:
            return self._outputs(x, self._params[0])
        shared = x.ndim == 1 + self._sample_axes
        return np.stack([self._outputs(x if shared else x[k], params) for k, params in enumerate(self._params)])

    def _member(self, k, x: np.ndarray, targets: np.ndarray, rng: Rng) -> None:
        params, gradients = self._params[k], self._gradients[k]
        outputs, caches = self._passes.forward(x, params, rng)
        self._passes.backward(self._loss.gradient(outputs, targets), caches, params, gradients)

    def _outputs(self, x: np.ndarray, params: list[Params]):
        if self._on_pictures:
            return self._passes.predict(x, params)
        blocks = [self._passes.forward(x[i : i + BLOCK], params)[0] for i in range(0, len(x), BLOCK)]
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
