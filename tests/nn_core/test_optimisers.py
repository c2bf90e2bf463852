"""Optimisers against steps worked out by hand; fifty steps against PyTorch are in test_torch.py.

The parameters are one weight and one bias, both 1 at first, both with the same gradients; the rate is 0.1.
"""

from math import sqrt

import numpy as np
import pytest

from nn_core.optimisers import OPTIMISERS, SGD, AdaGrad, Adam, AdamW, Momentum, Nesterov, RMSProp
from tests.nn_core.members import members

RATE = 0.1

# optimiser, gradient of each step, weight after each step, bias after each step (None: the same as the weight)
BY_HAND = [
    # 1 - 0.1 * 1, - 0.1 * 1, + 0.1 * 2
    (SGD(), [1, 1, -2], [0.9, 0.8, 1.0], None),
    # velocity 1, then 0.5 * 1 + 1 = 1.5, then 0.5 * 1.5 - 2 = -1.25; the step is 0.1 * velocity
    (Momentum(0.5), [1, 1, -2], [0.9, 0.75, 0.875], None),
    # the same velocities; the step is 0.1 * (gradient + 0.5 * velocity): 1.5, 1.75, -2.625
    (Nesterov(0.5), [1, 1, -2], [0.85, 0.675, 0.9375], None),
    # sums of squares 9, 25, 169, roots 3, 5, 13; with epsilon 1 the steps are 0.1 * 3/4, 4/6, 12/14
    (AdaGrad(1.0), [3, 4, 12], [0.925, 0.925 - 0.4 / 6, 0.925 - 0.4 / 6 - 1.2 / 14], None),
    # mean squares 0.25 * 16 = 4, 0.75 * 4 + 0.25 * 4 = 4, 4; their root 2 plus epsilon 0.5: steps 0.1 * 4, 2, -2 / 2.5
    (RMSProp(0.75, 0.5), [4, 2, -2], [0.84, 0.76, 0.84], None),
    # step 1: mean 0.5 * 4 = 2, divided by 1 - 0.5 is 4; square 0.25 * 16 = 4, by 1 - 0.75 is 16; 0.1 * 4 / (4 + 1)
    # step 2: mean 1, by 1 - 0.25 is 4/3; square 0.75 * 4 = 3, by 1 - 0.5625 is 48/7
    (Adam(0.5, 0.75, 1.0), [4, 0], [0.92, 0.92 - 0.4 / 3 / (sqrt(48 / 7) + 1)], None),
    # Adam's steps; before each, the weight (never the bias) loses 0.1 * 0.5 of itself
    (
        AdamW(0.5, 0.75, 1.0, weight_decay=0.5),
        [4, 0],
        [0.95 - 0.08, 0.95 * 0.87 - 0.4 / 3 / (sqrt(48 / 7) + 1)],
        [0.92, 0.92 - 0.4 / 3 / (sqrt(48 / 7) + 1)],
    ),
]


@pytest.mark.parametrize(("optimiser", "gradients", "weight", "bias"), BY_HAND, ids=lambda value: str(value)[:40])
def test_by_hand(optimiser, gradients, weight, bias):
    theta, mask = np.ones(2), np.array([1.0, 0.0])
    slots = [np.zeros(2) for _ in optimiser.slots]
    seen = []
    for t, gradient in enumerate(gradients, start=1):
        optimiser.update(theta, np.full(2, float(gradient)), slots, RATE, t, mask)
        seen.append(theta.copy())
    expected = np.stack([weight, bias or weight], axis=-1)
    np.testing.assert_allclose(seen, expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_each_has_steps_by_hand(name):
    done = {type(optimiser) for optimiser, *_ in BY_HAND}
    assert OPTIMISERS[name] in done, f"work out two or three steps of {name} by hand and add them to {__name__}"


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
