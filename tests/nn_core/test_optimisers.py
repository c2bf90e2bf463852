"""Optimisers against steps worked out by hand; fifty steps, and whole runs, against PyTorch are in test_torch.py.

The parameters are one weight and one bias, both 1 at first, both with the same gradients; the rate is 0.1.
"""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from nn_core.fast import Update
from nn_core.layers import Dense
from nn_core.losses import MeanSquaredError
from nn_core.network import Network
from nn_core.optimisers import OPTIMISERS, SGD, AdaGrad, Adam, AdamW, Momentum, Nesterov, RMSProp
from nn_core.settings import Settings
from nn_core.trainer import Trainer
from tests.nn_core.members import members

RATE = 0.1

# The steps of Adam(0.5, 0.75, 1) on the gradients 4, 0, -8:
# step 1: mean 0.5 * 4 = 2, divided by 1 - 0.5 is 4; square 0.25 * 16 = 4, by 1 - 0.75 is 16; 0.1 * 4 / (4 + 1)
# step 2: mean 1, by 1 - 0.25 is 4/3; square 0.75 * 4 = 3, by 1 - 0.5625 is 48/7
# step 3: mean 0.5 - 4 = -3.5, by 1 - 0.125 is -4; square 2.25 + 16 = 18.25, by 1 - 27/64 is 1168/37
FIRST, SECOND, THIRD = 0.08, 0.4 / 3 / (sqrt(48 / 7) + 1), -0.4 / (sqrt(1168 / 37) + 1)

# optimiser, gradient of each step, weight after each step, bias after each step (None: the same as the weight)
BY_HAND = [
    # 1 - 0.1 * 1, - 0.1 * 1, + 0.1 * 2
    (SGD(), [1, 1, -2], [0.9, 0.8, 1.0], None),
    # velocity 1, then 0.5 * 1 + 1 = 1.5, then 0.5 * 1.5 - 2 = -1.25; the step is 0.1 * velocity
    (Momentum(0.5), [1, 1, -2], [0.9, 0.75, 0.875], None),
    # velocity 1, 0.9 + 1 = 1.9, 1.71 + 1 = 2.71: on a steady slope it gathers speed
    (Momentum(), [1, 1, 1], [0.9, 0.71, 0.439], None),
    # the velocities of Momentum(0.5); the step is 0.1 * (gradient + 0.5 * velocity): 1.5, 1.75, -2.625
    (Nesterov(0.5), [1, 1, -2], [0.85, 0.675, 0.9375], None),
    # the velocities of Momentum(); 1 + 0.9 * 1 = 1.9, 1 + 0.9 * 1.9 = 2.71, 1 + 0.9 * 2.71 = 3.439: one step ahead
    (Nesterov(), [1, 1, 1], [0.81, 0.539, 0.1951], None),
    # sums of squares 9, 25, 169, roots 3, 5, 13; with epsilon 1 the steps are 0.1 * 3/4, 4/6, 12/14
    (AdaGrad(1.0), [3, 4, 12], [0.925, 0.925 - 0.4 / 6, 0.925 - 0.4 / 6 - 1.2 / 14], None),
    # with the small epsilon the first step is the rate itself, less 1e-10 / 5 of it; then 0.1 * 12/13, less 1e-10 / 13
    (AdaGrad(), [5, 12], [0.900000000002, 0.900000000002 - 1.2 / 13 + 1.2e-10 / 169], None),
    # mean squares 0.25 * 16 = 4, 0.75 * 4 + 0.25 * 4 = 4, 4; their root 2 plus epsilon 0.5: steps 0.1 * 4, 2, -2 / 2.5
    (RMSProp(0.75, 0.5), [4, 2, -2], [0.84, 0.76, 0.84], None),
    # mean square 0.01 * 9 = 0.09, root 0.3: the first step is ten times the rate, 0.3 / (0.3 + 1e-8);
    # then 0.0891 + 0.01 * 16 = 0.2491
    (RMSProp(), [3, 4], [1 - 0.3 / 0.30000001, 1 - 0.3 / 0.30000001 - 0.4 / (sqrt(0.2491) + 1e-8)], None),
    (Adam(0.5, 0.75, 1.0), [4, 0, -8], [1 - FIRST, 1 - FIRST - SECOND, 1 - FIRST - SECOND - THIRD], None),
    # mean 0.5, divided by 0.1 is 5; square 0.025, by 0.001 is 25, root 5. Then 0.95 by 0.19 and 0.049975 by 0.001999:
    # 5 and 25 again. On a steady slope each step is as long as the rate
    (Adam(), [5, 5], [1 - 0.5 / 5.00000001, 1 - 1 / 5.00000001], None),
    # Adam's steps; before each, the weight (never the bias) loses 0.1 * 0.5 of itself
    (
        AdamW(0.5, 0.75, 1.0, weight_decay=0.5),
        [4, 0, -8],
        [0.95 - FIRST, 0.95 * 0.87 - SECOND, 0.95 * (0.95 * 0.87 - SECOND) - THIRD],
        [0.92, 0.92 - SECOND, 0.92 - SECOND - THIRD],
    ),
    # by default it loses 0.1 * 0.01 of itself
    (AdamW(), [5], [0.999 - 0.5 / 5.00000001], [1 - 0.5 / 5.00000001]),
]

# optimiser, l1, weight at first, gradient of each step, weight after each step; beside each is how far l1 pulls.
L1_BY_HAND = [
    # 0.25 - 0.1 - 0.1; then the pull of 0.1 alone would carry it to -0.05: it stops at 0. A gradient of 0.5 moves it by
    # 0.05, less than the pull: it stays. Then -0.2 + 0.1; then the loss carries it across to 0.2, which is pulled back
    (SGD(), 1.0, 0.25, [1, 0, 0.5, 2, -3], [0.05, 0, 0, -0.1, 0.1]),
    # velocities 1, 0.5, -1.75, 0.125; a steady gradient's are 1, 1.5, 1.75, 1.875, of which 0.1 each is the pull
    (Momentum(0.5), 1.0, 0.5, [1, 0, -2, 1], [0.3, 0.1, 0.1, 0]),
    # gradient plus half the velocity: 1.5, 0.25, 3.125; a steady gradient's: 1.5, 1.75, 1.875
    (Nesterov(0.5), 1.0, 0.6, [1, 0, 2], [0.3, 0.1, -0.025]),
    # roots of the sums of squares plus 1: 4, 6, 14; pulls of 0.1 * 2/4, 2/6, 2/14
    (AdaGrad(1.0), 2.0, 1.0, [3, 4, 12], [1 - 0.075 - 0.05, 0.875 - 0.1, 0.775 - 0.1]),
    # a weight at which the loss does not pull: twice the rate and no more, though 5 is divided by 1e-10
    (AdaGrad(), 5.0, 0.5, [0, 0, 0], [0.3, 0.1, 0]),
    # root of the mean square plus 0.5 is 2.5: pulls of 0.1 / 2.5
    (RMSProp(0.75, 0.5), 1.0, 1.0, [4, 2, -2], [0.8, 0.68, 0.72]),
    # sizes as above: 4 + 1, sqrt(48/7) + 1, sqrt(1168/37) + 1; pulls of 0.1 * 2 divided by each
    (
        Adam(0.5, 0.75, 1.0),
        2.0,
        1.0,
        [4, 0, -8],
        [0.96 - FIRST, 0.96 - FIRST - 2.5 * SECOND, 0.96 - FIRST - 2.5 * SECOND - THIRD / 2],
    ),
    # the same after a decay of 0.1 * 0.5 of itself; then it stops at 0
    (AdamW(0.5, 0.75, 1.0, weight_decay=0.5), 2.0, 0.2, [4, 0], [0.19 - FIRST - 0.04, 0]),
]

# One unit y = x W + b with x = 1, target 0, half the squared error: the gradient of W and of b is W + b. The penalties
# pull at W alone: l2 by 0.5 * W, l1 by 0.25.
PENALISED = [
    # gradients 2 + 0.5 + 0.25 and 2; then y = 0.725 + 0.8 = 1.525: 1.525 + 0.3625 + 0.25 and 1.525
    (SGD(), [[0.725, 0.8], [0.51125, 0.6475]]),
    # velocities 2.75 and 2; then 1.375 + 2.1375 and 1 + 1.525
    (Momentum(0.5), [[0.725, 0.8], [0.37375, 0.5475]]),
    # W: mean 0.5 * 2.5, by 0.5 is 2.5, root of the square 2.5; b: 2 and 2. The decay of W is 0.1 * 0.5 of itself
    (AdamW(0.5, 0.75, 1.0, weight_decay=0.5), [[0.95 - 0.25 / 3.5 - 0.025 / 3.5, 1 - 0.2 / 3]]),
]


def steps_of(optimiser, gradients) -> np.ndarray:
    """Weight and bias after each step, `(steps, 2)`."""
    theta, mask = np.ones(2), np.array([1.0, 0.0])
    slots = [np.zeros(2) for _ in optimiser.slots]
    seen = []
    for t, gradient in enumerate(gradients, start=1):
        optimiser.update(theta, np.full(2, float(gradient)), slots, RATE, t, mask)
        seen.append(theta.copy())
    return np.array(seen)


def steps_with_l1(optimiser, strength, first, gradients) -> np.ndarray:
    """The weight after each step, `(steps,)`, as the trainer makes them; asserts that the bias is not pulled at."""
    theta, gradient, mask = np.full(2, first), np.empty(2), np.array([1.0, 0.0])
    slots = [np.zeros(2) for _ in optimiser.slots]
    update, seen = Update(theta, gradient, slots, mask), []
    for t, value in enumerate(gradients, start=1):
        gradient[...] = value
        update(optimiser, RATE, t, l1=np.asarray(strength))
        seen.append(theta.copy())
    weight, bias = np.array(seen).T
    np.testing.assert_allclose(bias, first - 1 + steps_of(optimiser, gradients)[:, 1], rtol=0, atol=1e-15)
    return weight


@pytest.mark.parametrize(("optimiser", "gradients", "weight", "bias"), BY_HAND, ids=lambda value: str(value)[:40])
def test_by_hand(optimiser, gradients, weight, bias):
    expected = np.stack([weight, bias or weight], axis=-1)
    np.testing.assert_allclose(steps_of(optimiser, gradients), expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize(("optimiser", "expected"), PENALISED, ids=lambda value: str(value)[:20])
def test_penalties_and_decay_spare_the_bias(optimiser, expected):
    settings = Settings(optimiser, learning_rate=RATE, batch_size=0, l1=0.25, l2=0.5)
    parts = {"train": (np.ones((1, 1)), np.zeros((1, 1)))}
    trainer = Trainer(Network([Dense(1)], (1,), np.float64), parts, MeanSquaredError("half"), settings)
    trainer.theta[...] = 1
    for theta in expected:
        np.testing.assert_allclose(trainer.run(steps=1).theta, theta, rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    ("optimiser", "strength", "first", "gradients", "weight"), L1_BY_HAND, ids=lambda v: str(v)[:20]
)
def test_l1_by_hand(optimiser, strength, first, gradients, weight):
    found = steps_with_l1(optimiser, strength, first, gradients)
    np.testing.assert_allclose(found, weight, rtol=0, atol=1e-15)
    assert np.array_equal(found == 0, np.array(weight) == 0)  # exactly 0, not nearly


@pytest.mark.parametrize("optimiser", members("optimisers"))
def test_l1_leads_to_the_lasso(optimiser):
    # Half the mean squared error over samples whose columns are orthogonal: the least of loss + l1 * sum(|W|) is the
    # least-squares solution, each weight moved towards 0 by l1 and none beyond (Tibshirani, 1996).
    if isinstance(optimiser, AdamW) and optimiser.weight_decay:
        optimiser = replace(optimiser, weight_decay=0.0)
    x, strength = np.sqrt(8) * np.linalg.qr(np.vander(np.linspace(-1, 1, 8), 5))[0], 0.3
    wanted = np.array([1.0, -0.29, 0.05, -0.8, 0.31])
    theta, gradient = np.full(5, 0.5), np.empty(5)
    slots = [np.zeros(5) for _ in optimiser.slots]
    update = Update(theta, gradient, slots, np.ones(5))
    for t in range(1, 4001):
        gradient[...] = x.T @ (x @ theta - x @ wanted) / 8
        update(optimiser, 0.1 / (1 + t / 100), t, l1=np.asarray(strength))
    np.testing.assert_allclose(theta, np.sign(wanted) * np.maximum(np.abs(wanted) - strength, 0), rtol=0, atol=0.02)
    assert np.array_equal(theta == 0, np.abs(wanted) < strength)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_each_has_steps_by_hand(name):
    done = {type(optimiser) for optimiser, *_ in BY_HAND} & {type(optimiser) for optimiser, *_ in L1_BY_HAND}
    assert OPTIMISERS[name] in done, (
        f"work out two or three steps of {name} by hand, with L1 as well, and add them to {__name__}"
    )


@pytest.mark.parametrize("optimiser", members("optimisers"))
def test_works_in_place_and_keeps_float32(optimiser):
    theta, gradient = np.ones(3, np.float32), np.array([1, -2, 0], np.float32)
    slots = [np.zeros_like(theta) for _ in optimiser.slots]
    same = theta
    optimiser.update(theta, gradient, slots, RATE, 1, np.zeros(3, np.float32))  # biases: no decay pulls at them
    assert theta is same
    assert theta.dtype == np.float32
    assert theta[0] < 1 < theta[1]  # downhill
    assert gradient.tolist() == [1, -2, 0]  # the gradient is only read


@pytest.mark.parametrize("optimiser", members("optimisers"))
def test_finds_the_bottom_of_a_bowl(optimiser):
    theta, target = np.zeros(4), np.array([1.0, -2.0, 0.5, 3.0])
    slots, biases = [np.zeros(4) for _ in optimiser.slots], np.zeros(4)  # biases: no decay pulls at them
    first = ((theta - target) ** 2).sum()
    for t in range(1, 2001):
        optimiser.update(theta, theta - target, slots, 0.5 / (1 + t / 100), t, biases)
    assert ((theta - target) ** 2).sum() < 0.01 * first
