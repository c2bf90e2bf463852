"""A two-layer net against the published numbers of a university course (Stanford CS231n, assignment 1, toy model).

Its numbers were drawn with NumPy's legacy generator, in this order, and its penalty is 0.05 * sum(W^2): our l2 of 0.1.
"""

import numpy as np
import pytest

from nn_core.activations import ReLU
from nn_core.checks import numeric_gradient, relative_error
from nn_core.layers import Dense
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.network import Network
from nn_core.settings import Settings
from nn_core.trainer import Trainer

SCORES = [
    [-0.81233741, -1.27654624, -0.70335995],
    [-0.17129677, -1.18803311, -0.47310444],
    [-0.51590475, -1.01354314, -0.8504215],
    [-0.15419291, -0.48629638, -0.52901952],
    [-0.00618733, -0.12435261, -0.15226949],
]
TARGETS = np.array([0, 1, 2, 2, 1])
NETWORK = Network((Dense(10, ReLU()), Dense(3)), (4,), np.float64)
LOSS = SoftmaxCrossEntropy()


@pytest.fixture
def theta_and_x():
    weights = np.random.RandomState(0)
    theta = np.zeros(NETWORK.size)
    first, second = NETWORK.views(theta)
    first["W"][...] = 0.1 * weights.randn(4, 10)
    second["W"][...] = 0.1 * weights.randn(10, 3)
    return theta, 10 * np.random.RandomState(1).randn(5, 4)


def test_scores_and_loss(theta_and_x):
    theta, x = theta_and_x
    scores = NETWORK.predict(x, theta)
    np.testing.assert_allclose(scores, SCORES, rtol=0, atol=5.1e-9)  # they are printed to eight digits
    assert LOSS.value(scores, TARGETS) == pytest.approx(1.2658570521, abs=5.1e-11)


def test_loss_with_penalty(theta_and_x):
    theta, x = theta_and_x
    assert penalised(theta, x) == pytest.approx(1.3037878913, abs=5.1e-11)


def test_one_step_of_the_trainer_follows_the_penalised_loss(theta_and_x):
    theta, x = theta_and_x
    trainer = Trainer(NETWORK, {"train": (x, TARGETS)}, LOSS, Settings(learning_rate=1.0, batch_size=0, l2=0.1))
    trainer.theta[...] = theta
    trainer.run(steps=1)
    numeric = numeric_gradient(lambda moved: penalised(moved, x), theta, 1e-5)
    assert relative_error(theta - trainer.theta, numeric) < 1e-8  # as the course asks


def penalised(theta, x):
    weights = NETWORK.weights_mask() * theta
    return LOSS.value(NETWORK.predict(x, theta), TARGETS) + 0.05 * (weights**2).sum()
