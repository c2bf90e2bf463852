"""A two-layer net, steps of optimisers, a convolution and a pool against the published numbers of a university course.

The numbers stand in tests/oracle/published.py (Stanford CS231n, assignments 1 and 2).
"""

import pytest

from nn_core.derivatives.checks import numeric_gradient, relative_error
from nn_core.settings import Settings
from nn_core.step import backpropagate
from nn_core.trainer import Trainer
from tests.oracle.published import LOSS, NETWORK, PUBLISHED, TARGETS, error, penalised, toy


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_printed_digit(name):
    assert error(name) <= 0.51  # units of the last digit; printing rounds off up to half of one


def test_a_wrong_digit_is_seen(monkeypatch):
    right = PUBLISHED["a convolution"]
    monkeypatch.setitem(PUBLISHED, "a convolution", lambda: (right()[0] + 1.1e-8, *right()[1:]))
    assert error("a convolution") > 0.51
    monkeypatch.setitem(PUBLISHED, "a convolution", lambda: (right()[0][:1], *right()[1:]))
    with pytest.raises(ValueError, match="shapes"):
        error("a convolution")


@pytest.mark.parametrize(("layer", "parameter"), [(0, "W"), (0, "b"), (1, "W"), (1, "b")])
def test_gradient_of_the_penalised_loss(layer, parameter):
    theta, x, _ = toy()
    gradient = backpropagate(NETWORK, LOSS, theta, x, TARGETS).gradient + 0.1 * NETWORK.weights_mask() * theta

    def objective(moved):
        changed = theta.copy()
        NETWORK.views(changed)[layer][parameter][...] = moved
        return penalised(changed, x, TARGETS, 0.1)

    numeric = numeric_gradient(objective, NETWORK.views(theta)[layer][parameter].copy(), 1e-3)
    assert relative_error(NETWORK.views(gradient)[layer][parameter], numeric) < 1e-8  # as the course asks


def test_one_step_of_the_trainer_follows_the_penalised_loss():
    theta, x, _ = toy()
    trainer = Trainer(NETWORK, {"train": (x, TARGETS)}, LOSS, Settings(learning_rate=1.0, batch_size=0, l2=0.1))
    trainer.theta[...] = theta
    trainer.run(steps=1)
    numeric = numeric_gradient(lambda moved: penalised(moved, x, TARGETS, 0.1), theta, 1e-3)
    assert relative_error(theta - trainer.theta, numeric) < 1e-8
