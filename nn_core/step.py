"""One step of training as a textbook has it: forward, loss, backward, update, and every value on the way by its name.

`backpropagate` sends one mini-batch forward through the layers and its gradient back; `update` makes a step of the
gradient; `step` is both. None of them changes what it is given. Whoever wants to see inside a step asks here: monitors,
the tests of gradients, the cost of backpropagation. The trainer computes the same in arrays that it uses again (fast/),
and the tests hold it to this.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nn_core.kinds import Loss, Optimiser, Rate, Rng
from nn_core.network import Network
from nn_core.random import Streams


class Backpropagation(NamedTuple):
    """One mini-batch on its way forward and back. Lists have one entry per layer, in the order of the layers.

    Parameters and their gradients are told by name, e.g. `params[1]["W"]`, `gradients[1]["W"]`. theta is a copy, in
    which BatchNorm has moved its running statistics; params are views of it, and gradients of `gradient`. A penalty is
    no part of the gradient; NaN stands where a layer has forgotten to write one.
    """

    x: np.ndarray  # (..., samples, *features)
    targets: np.ndarray  # class indices (..., samples), or values (..., samples, outputs)
    theta: np.ndarray  # (..., parameters)
    params: list[dict[str, np.ndarray]]
    caches: list  # what each layer kept for its way back: z, a, ... by name
    outputs: list[np.ndarray]  # of each layer; the last are logits or values, (..., samples, outputs)
    loss: np.ndarray  # one number per model
    doutputs: list[np.ndarray]  # the gradient with respect to the outputs of each layer, in their shape
    dx: np.ndarray | None  # with respect to x, where that was asked for
    gradient: np.ndarray  # (..., parameters)
    gradients: list[dict[str, np.ndarray]]


class Upcoming(NamedTuple):
    """What the next step of a run will be made of; copies all (`Trainer.peek`)."""

    step: int  # how many were made before it
    rows: np.ndarray  # (..., batch) of the train part
    x: np.ndarray  # (..., batch, *features)
    targets: np.ndarray  # (..., batch) or (..., batch, outputs)
    rate: np.floating | np.ndarray  # one number, or one per model, (models, 1)
    slots: list[np.ndarray]  # what the optimiser remembers
    t: int  # the number of the update, from 1, since the optimiser's memory was empty
    l1: float | np.ndarray = 0.0
    l2: float | np.ndarray = 0.0
    rng: np.random.Generator | Streams | None = None  # which numbers dropout will silence


class Update(NamedTuple):
    """What an optimiser made of a gradient; new arrays all."""

    gradient: np.ndarray  # (..., parameters), with that of the L2 penalty
    slots: list[np.ndarray]  # what the optimiser now remembers
    pull: np.ndarray  # (..., parameters): how far the L1 penalty may carry each number towards 0
    theta: np.ndarray  # (..., parameters)


class Step(NamedTuple):
    """The way to the gradient, and the step that was made of it."""

    passes: Backpropagation
    update: Update


def backpropagate(
    network: Network,
    loss: Loss,
    theta: np.ndarray,
    x: np.ndarray,
    targets: np.ndarray,
    rng: Rng = None,
    need_dx: bool = False,
) -> Backpropagation:
    """The loss of one mini-batch and its gradient: theta `(..., parameters)`, x `(..., samples, *features)`.

    rng: a generator means training: dropout acts, and BatchNorm goes by the batch. need_dx: whether the gradient with
    respect to x is wanted. Raises ValueError for samples of another shape.
    """
    theta, gradient = theta.copy(), np.full_like(theta, np.nan)
    params, gradients = network.views(theta), network.views(gradient)
    outputs, doutputs = [], []
    y, caches = network.forward(x, params, rng, outputs)
    dx = network.backward(loss.gradient(y, targets), caches, params, gradients, need_dx, doutputs)
    value = loss.value(y, targets)
    return Backpropagation(x, targets, theta, params, caches, outputs, value, doutputs[::-1], dx, gradient, gradients)


def update(
    optimiser: Optimiser,
    theta: np.ndarray,
    gradient: np.ndarray,
    slots: Sequence[np.ndarray],
    rate: Rate,
    t: int,
    weights: np.ndarray,
    l1: Rate | None = 0.0,
    l2: Rate | None = 0.0,
) -> Update:
    """The step of an optimiser (optimisers.py says what its arguments are) with the penalties on the weights.

    theta, gradient and slots `(..., parameters)`. l2 adds l2 * W to the gradient; l1 then takes off a weight's size
    what the optimiser makes of a gradient of l1, and at most all of it. rate, l1 and l2 are numbers, or columns of one
    per model, `(models, 1)`.
    """
    theta, slots = theta.copy(), [slot.copy() for slot in slots]
    gradient = gradient + l2 * (weights * theta) if np.any(l2) else gradient.copy()
    optimiser.update(theta, gradient, slots, rate, t, weights)
    pull = np.zeros_like(theta)
    if np.any(l1):
        pull += weights * optimiser.pull(l1, slots, rate, t)
        theta -= np.clip(theta, -pull, pull)
    return Update(gradient, slots, pull, theta)


def step(
    network: Network,
    loss: Loss,
    theta: np.ndarray,
    x: np.ndarray,
    targets: np.ndarray,
    optimiser: Optimiser,
    slots: Sequence[np.ndarray],
    rate: Rate,
    t: int,
    rng: Rng = None,
    l1: Rate | None = 0.0,
    l2: Rate | None = 0.0,
) -> Step:
    """A whole step of training on one mini-batch; arguments as for `backpropagate` and `update`."""
    passes = backpropagate(network, loss, theta, x, targets, rng)
    weights = network.weights_mask()
    return Step(passes, update(optimiser, passes.theta, passes.gradient, slots, rate, t, weights, l1, l2))
