"""Networks on vectors: rows of Dense, Residual and Dropout layers, run stage by stage in arrays made beforehand.

BLAS may round the same row differently in a product of more rows, so whatever decides the shape of a product here
depends on one model and its samples alone, never on how many models there are: a member of a stack equals its solo run
to the last bit on every processor. A large stack is therefore predicted some models at a time, never fewer samples.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nn_core.fast import stages, threads
from nn_core.fast.buffers import blocks
from nn_core.fast.losses import loss_on
from nn_core.kinds import Loss, Rng, Shape
from nn_core.layers import Dense, Dropout, Residual
from nn_core.network import Network

WIDE = 64  # features; a batch of more than that is left as it lies
BLOCK = 262_144  # numbers of the widest layer that are predicted at a time, which stay in the cache
LONGEST = 6000  # samples that are predicted at a time at most
LARGE = 2_000_000  # samples times parameters of one model; from there on two threads share the prediction
PLANS = 12  # batch sizes whose arrays are kept


class Vectors:
    """The gradient and the outputs of one network, or a stack, whose parameters are `theta`."""

    is_costly = False  # whether a sample takes so long that a few hundred are enough at a time
    takes = (Dense, Residual, Dropout)

    def __init__(self, network: Network, loss: Loss, theta: np.ndarray, gradient: np.ndarray | None = None):
        self._network, self._loss, self._theta, self._gradient = network, loss, theta, gradient
        layers: Any = network.layers
        self._widest = max(layer.units for layer in layers if not isinstance(layer, Dropout))
        self._block = min(LONGEST, max(1, BLOCK // self._widest))
        self._plans = {}

    @classmethod
    def takes_all(cls, layers: Sequence[Any]) -> bool:
        """Whether all of these layers are of the kinds that run here."""
        return all(type(layer) in cls.takes for layer in layers)

    def gradient(self, x: np.ndarray, targets: np.ndarray, rng: Rng = None) -> None:
        """Write the gradient of the loss on one batch, x `(..., samples, features)`, into the gradient array."""
        self._plan(x.shape, self._gradient).gradient(x, targets, rng)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Outputs `(..., samples, outputs)` for x of as many samples as there are; dropout is off."""
        samples = x.shape[-2]
        outputs = np.empty((*self._theta.shape[:-1], *self._network.output_shape, samples), self._theta.dtype)
        parts = [slice(0, samples)]
        if samples > LONGEST and samples * self._theta.shape[-1] >= LARGE:
            first = samples * 7 // 12  # for the caller, who begins at once: the other thread has to wake up
            parts = [slice(0, first), slice(first, samples)]

        def predict_part(part) -> None:
            for models in self._groups(samples):
                for start in range(parts[part].start, parts[part].stop, self._block):
                    rows = slice(start, min(start + self._block, parts[part].stop))
                    block = x[rows] if x.ndim == 2 else x[*models, ..., rows, :]
                    outputs[*models, ..., rows] = self._plan(block.shape, None, models, part).outputs(block)

        threads.run(predict_part, len(parts))
        return outputs.mT

    def _groups(self, samples: int):
        """Slices of the models that are predicted at a time, each in a tuple; `()` stands for all there are."""
        models = self._theta.shape[:-1]
        most = max(1, BLOCK // (self._widest * min(self._block, max(1, samples))))
        if not models or models[0] <= most:
            return [()]
        return [(some,) for _, some in blocks(slice(0, models[0]), most)]

    def _plan(self, shape: Shape, gradient: np.ndarray | None, models: Any = (), part: int = 0):
        theta = self._theta[models]
        key = (shape, gradient is None, theta.shape, part)
        plan = self._plans.get(key)
        if plan is None:
            while len(self._plans) >= PLANS:
                self._plans.pop(next(iter(self._plans)), None)
            own = theta.copy() if models else theta  # every group of so many models takes its turn in one plan
            plan = self._plans[key] = _Plan(self._network, self._loss, own, gradient, shape)
        if models:
            np.copyto(plan.theta, theta)
        return plan


class _Plan:
    """All stages for one batch size. Without a gradient array it can only predict."""

    def __init__(self, network: Network, loss: Loss, theta: np.ndarray, gradient: np.ndarray | None, shape: Shape):
        *lead, samples, features = shape
        self.theta = theta
        layers = list(zip(network.layers, network.places, strict=True))
        layers = [(layer, places) for layer, places in layers if not _idle(layer, gradient)]
        self._wide = features > WIDE and isinstance(layers[0][0], Dense)
        a: Any = None
        dx: Any = None
        self._stages, learned = [], False
        if not self._wide:
            a = stages.columns(tuple(lead), features, samples, theta.dtype)
            self._input = stages.rows(a, features).mT
        for number, (layer, places) in enumerate(layers):
            last = number == len(layers) - 1
            own: list[Any] = [_matrix(flat, places, name) for name in _matrices(layer) for flat in (theta, gradient)]
            if isinstance(layer, Dropout):
                stage = stages.Dropout(layer, a, dx, features, last=last)
            elif isinstance(layer, Residual):
                stage = stages.Residual(layer, a, dx, *own, last=last)
            elif self._wide and number == 0:
                stage = stages.WideDense(layer, np.empty(shape, theta.dtype), *own, last=last)
            else:
                stage = stages.Dense(layer, a, dx, *own, last=last)
            learned = learned or bool(own)
            (features,) = layer.output_shape((features,))
            a, dx = stage.y, stage.dy if learned and gradient is not None else None
            self._stages.append(stage)
        self._dropouts = [stage for stage in self._stages if isinstance(stage, stages.Dropout)]
        self._outputs = a
        self._turned = self._stages[::-1]
        self._loss: Any = None if gradient is None else loss_on(loss, self._outputs, self._stages[-1].dy)

    def outputs(self, x: np.ndarray) -> np.ndarray:
        if self._wide:
            self._stages[0].x = x
        else:
            self._input[...] = x
        for stage in self._stages:
            stage.forward()
        return self._outputs

    def gradient(self, x: np.ndarray, targets: np.ndarray, rng: Rng) -> None:
        for dropout in self._dropouts:
            dropout.rng = rng
        self.outputs(x)
        self._loss.gradient(targets)
        for stage in self._turned:
            stage.backward()


def _idle(layer: Any, gradient: np.ndarray | None):
    return isinstance(layer, Dropout) and (gradient is None or layer.rate == 0)


def _matrices(layer: Any) -> tuple[str, ...]:
    return {Dense: ("W",), Residual: ("W1", "W2"), Dropout: ()}[type(layer)]


def _matrix(flat, places, name: str):
    """A weight as a view of theta or of the gradient, with the bias that follows it as its last row."""
    if flat is None:
        return None
    offset, parameter = places[name]
    inputs, units = parameter.shape
    inputs += "b" in places and places["b"][0] == offset + inputs * units
    return flat[..., offset : offset + inputs * units].reshape(*flat.shape[:-1], inputs, units)
