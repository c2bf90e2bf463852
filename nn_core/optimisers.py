"""Optimisers, in order of increasing complexity: how a gradient becomes a step.

All parameters of a model are one flat array `theta` of shape `(..., parameters)`, whose leading axes are separate
models, so an optimiser is a few in-place lines. `slots` names the arrays, of theta's shape, that it remembers from step
to step. `update(theta, gradient, slots, rate, t, weights)` changes theta and the slots in place:

    rate     the learning rate of this step in theta's dtype: a number, or one per model, `(models, 1)`
    t        the number of this update, from 1
    weights  1 where a parameter is a weight, 0 where it is a bias, `(parameters,)`

`pull(strength, slots, rate, t)` is what the L1 penalty asks after the update: how far this step carries a parameter for
a steady gradient of `strength`, the loss's own gradients apart; a number, or an array that spreads over theta. So much
is taken off a weight's size, at most all of it, which makes exact zeros: for SGD that is the clipped penalty of
Tsuruoka et al. (2009, SGD-L1 with clipping), for the others the proximal step in the optimiser's own measure (Duchi et
al., 2011; Yun et al., 2021), which stays within MOST_PULL where it divides by next to nothing.

A rate of one model and a column of rates round alike, because both have theta's dtype: a member of a stack makes the
very steps that it would make alone.
"""

import math
from dataclasses import dataclass

import numpy as np

from nn_core.kinds import Array, Rate
from nn_core.spec import Choice, knob

# Times the rate, where each parameter has a rate of its own: without a limit, a weight that the loss does not pull at
# for a moment (a ReLU unit that is off) would be 0 at once. Such a loss carries it by about the rate at most, and the
# penalty must be able to outdo that; so the limit never changes where the two are in balance.
MOST_PULL = 2


@dataclass(frozen=True)
class SGD(Choice):
    """Stochastic gradient descent: a step straight down the slope of the batch."""

    label = "SGD"
    slots = ()

    def update(self, theta: Array, gradient: Array, slots: list[Array], rate: Rate, t: int, weights: Array) -> None:
        theta -= rate * gradient

    def pull(self, strength: Rate, slots: list[Array], rate: Rate, t: int) -> Rate:
        return rate * strength


@dataclass(frozen=True)
class Momentum(Choice):
    """SGD with a velocity: each step keeps a share of the one before, like a ball that rolls (Polyak, 1964)."""

    label = "Momentum"
    slots = ("velocity",)
    momentum: float = knob(0.9, "Momentum", "Share of the last step that is kept.", low=0, high=0.999)

    def update(self, theta: Array, gradient: Array, slots: list[Array], rate: Rate, t: int, weights: Array) -> None:
        (velocity,) = slots
        velocity *= self.momentum
        velocity += gradient
        theta -= rate * velocity

    def pull(self, strength: Rate, slots: list[Array], rate: Rate, t: int) -> Rate:
        return rate * strength * ((1 - self.momentum**t) / (1 - self.momentum))  # the velocity of a steady gradient


@dataclass(frozen=True)
class Nesterov(Choice):
    """Momentum that looks ahead: the step uses the velocity as it will be (Nesterov, 1983; Sutskever et al., 2013)."""

    label = "Nesterov"
    slots = ("velocity",)
    momentum: float = knob(0.9, "Momentum", "Share of the last step that is kept.", low=0, high=0.999)

    def update(self, theta: Array, gradient: Array, slots: list[Array], rate: Rate, t: int, weights: Array) -> None:
        (velocity,) = slots
        velocity *= self.momentum
        velocity += gradient
        theta -= rate * (gradient + self.momentum * velocity)

    def pull(self, strength: Rate, slots: list[Array], rate: Rate, t: int) -> Rate:
        return rate * strength * ((1 - self.momentum ** (t + 1)) / (1 - self.momentum))


@dataclass(frozen=True)
class AdaGrad(Choice):
    """A rate for each parameter that shrinks with all the gradient it has seen (Duchi et al., 2011)."""

    label = "AdaGrad"
    slots = ("sum_of_squares",)
    epsilon: float = knob(1e-10, "Epsilon", "Keeps the division finite.", low=1e-16, high=1)

    def update(self, theta: Array, gradient: Array, slots: list[Array], rate: Rate, t: int, weights: Array) -> None:
        (sum_of_squares,) = slots
        sum_of_squares += gradient * gradient
        theta -= rate * gradient / (np.sqrt(sum_of_squares) + self.epsilon)

    def pull(self, strength: Rate, slots: list[Array], rate: Rate, t: int) -> Rate:
        return rate * np.minimum(strength / (np.sqrt(slots[0]) + self.epsilon), MOST_PULL)


@dataclass(frozen=True)
class RMSProp(Choice):
    """AdaGrad with a fading memory: divides by the recent size of the gradient (Tieleman and Hinton, 2012)."""

    label = "RMSProp"
    slots = ("mean_square",)
    decay: float = knob(0.99, "Decay", "Share of the remembered size that is kept.", low=0, high=0.9999)
    epsilon: float = knob(1e-8, "Epsilon", "Keeps the division finite.", low=1e-16, high=1)

    def update(self, theta: Array, gradient: Array, slots: list[Array], rate: Rate, t: int, weights: Array) -> None:
        (mean_square,) = slots
        mean_square *= self.decay
        mean_square += (1 - self.decay) * gradient * gradient
        theta -= rate * gradient / (np.sqrt(mean_square) + self.epsilon)

    def pull(self, strength: Rate, slots: list[Array], rate: Rate, t: int) -> Rate:
        return rate * np.minimum(strength / (np.sqrt(slots[0]) + self.epsilon), MOST_PULL)


@dataclass(frozen=True)
class Adam(Choice):
    """Momentum and RMSProp together, each as a true mean from the first step on (Kingma and Ba, 2015)."""

    label = "Adam"
    slots = ("gradients", "squares")
    beta1: float = knob(0.9, "Beta 1", "Share of the mean gradient that is kept.", low=0, high=0.999)
    beta2: float = knob(0.999, "Beta 2", "Share of the mean squared gradient that is kept.", low=0, high=0.99999)
    epsilon: float = knob(1e-8, "Epsilon", "Keeps the division finite.", low=1e-16, high=1)

    def update(self, theta: Array, gradient: Array, slots: list[Array], rate: Rate, t: int, weights: Array) -> None:
        gradients, squares = slots  # sums of all so far, that of k steps ago with the weight beta^k
        gradients *= self.beta1
        gradients += gradient
        squares *= self.beta2
        squares += gradient * gradient
        # A sum divided by its weights' sum is a mean: theta -= rate * mean / (sqrt(mean of squares) + epsilon). What
        # are mere numbers in it are gathered first.
        weight = (1 - self.beta1**t) / (1 - self.beta1)
        root_of_weight = math.sqrt((1 - self.beta2**t) / (1 - self.beta2))
        size = np.sqrt(squares)
        size += self.epsilon * root_of_weight
        step = gradients / size
        step *= rate * (root_of_weight / weight)
        theta -= step

    def pull(self, strength: Rate, slots: list[Array], rate: Rate, t: int) -> Rate:
        size = np.sqrt(slots[1]) / math.sqrt((1 - self.beta2**t) / (1 - self.beta2)) + self.epsilon
        return rate * np.minimum(strength / size, MOST_PULL)


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam that also shrinks the weights at each step, apart from the gradient (Loshchilov and Hutter, 2019)."""

    label = "AdamW"
    weight_decay: float = knob(0.01, "Weight decay", "Share of the rate by which weights shrink.", low=0, high=10)

    def update(self, theta: Array, gradient: Array, slots: list[Array], rate: Rate, t: int, weights: Array) -> None:
        theta -= rate * (self.weight_decay * weights * theta)
        super().update(theta, gradient, slots, rate, t, weights)


OPTIMISERS = {
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adagrad": AdaGrad,
    "rmsprop": RMSProp,
    "adam": Adam,
    "adamw": AdamW,
}
