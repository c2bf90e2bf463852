"""Initialisers against theory: mean, variance and bounds of many weights; PyTorch's spread is in test_torch.py."""

import numpy as np
import pytest

from nn_core.initialisers import INITIALISERS, Glorot, He, LeCun, Normal, Zeros
from nn_core.layers import Dense, Residual
from nn_core.network import Network
from nn_core.random import stream
from tests.nn_core.members import members

FAN_IN, FAN_OUT = 300, 200
DRAWN = FAN_IN * FAN_OUT

# The variance of the weights between 300 inputs and 200 units, by the papers' formulas.
VARIANCE = {
    Zeros: lambda c: 0,
    Normal: lambda c: c.std**2,
    Glorot: lambda c: 2 / 500,
    He: lambda c: 2 / 300,
    LeCun: lambda c: 1 / 300,
}


@pytest.mark.parametrize("name", INITIALISERS)
def test_each_has_a_variance_by_theory(name):
    assert INITIALISERS[name] in VARIANCE, f"add the variance of {name}, by its paper, to VARIANCE in {__name__}"


@pytest.mark.parametrize("initialiser", members("initialisers"))
def test_mean_variance_and_bounds(initialiser):
    variance = VARIANCE[type(initialiser)](initialiser)
    weights = initialiser.draw(stream(0, "test"), (FAN_IN, FAN_OUT), FAN_IN, FAN_OUT)
    assert weights.shape == (FAN_IN, FAN_OUT)
    assert weights.dtype == np.float64
    # five standard errors: of the mean sqrt(variance / n), of a normal law's variance variance * sqrt(2 / n)
    assert abs(weights.mean()) <= 5 * (variance / DRAWN) ** 0.5
    assert abs(weights.var() - variance) <= 5 * variance * (2 / DRAWN) ** 0.5
    largest = np.abs(weights).max()
    if getattr(initialiser, "distribution", "") == "uniform":
        assert 0.999 * (3 * variance) ** 0.5 < largest <= (3 * variance) ** 0.5
    elif variance:  # of 60,000 normal numbers the largest lies at 4.3, give or take a little
        assert 3.7 < largest / variance**0.5 < 5.7
        within = (np.abs(weights) < variance**0.5).mean()
        assert within == pytest.approx(0.6827, abs=0.01)


@pytest.mark.parametrize("initialiser", members("initialisers"))
def test_a_network_gets_its_fans_right(initialiser):
    network = Network((Dense(FAN_OUT), Residual(50), Dense(5)), (FAN_IN,), np.float64)
    first, block, last = network.views(network.init(initialiser, 1))
    for weights, fan_in, fan_out in (
        (first["W"], 300, 200),
        (block["W1"], 200, 50),
        (block["W2"], 50, 200),
        (last["W"], 200, 5),
    ):
        variance = initialiser.draw(stream(0, "test"), (1000, 100), fan_in, fan_out).var()
        assert weights.var() == pytest.approx(variance, rel=0.25 if weights.size < 2000 else 0.1)
    assert not first["b"].any()
    assert not block["b"].any()
    assert not last["b"].any()


@pytest.mark.parametrize("initialiser", members("initialisers"))
def test_seeds(initialiser):
    network = Network((Dense(4), Dense(4)), (4,))
    theta = network.init(initialiser, 1)
    assert theta.dtype == np.float32
    assert np.array_equal(theta, network.init(initialiser, 1))
    stack = network.init(initialiser, [1, 2])
    assert np.array_equal(stack[0], theta)
    if not isinstance(initialiser, Zeros):
        assert not np.array_equal(stack[1], theta)
        first, second = network.views(theta)
        assert not np.array_equal(first["W"], second["W"])  # layers do not share their numbers
