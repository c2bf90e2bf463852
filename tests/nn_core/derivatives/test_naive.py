"""The naive gradient: it agrees with backpropagation to half of the digits, and its cost grows with the parameters."""

import numpy as np
import pytest

from nn_core.derivatives import naive
from nn_core.derivatives.naive import naive_cost, naive_gradient


def test_the_naive_gradient_has_half_of_the_digits():
    x = np.array([[1.0, -2.0], [0.5, 3.0]])
    before = x.copy()
    np.testing.assert_allclose(naive_gradient(lambda a: (a**3).sum(), x), 3 * x**2, rtol=1e-4)
    assert np.array_equal(x, before)


def test_one_pass_more_than_there_are_parameters():
    calls = []
    naive_gradient(lambda a: calls.append(1) or 0.0, np.zeros(7))
    assert len(calls) == 8


def test_costs_of_growing_networks():
    costs = naive_cost((2, 5), rounds=1)
    assert [cost.parameters for cost in costs] == [18, 57]  # 2-n-n-2: 2n+n + n*n+n + 2n+2
    assert all(cost.naive_seconds > cost.backprop_seconds > 0 for cost in costs)
    assert costs[0].ratio == costs[0].naive_seconds / costs[0].backprop_seconds


def test_what_would_take_too_long_is_left_out(monkeypatch):
    monkeypatch.setattr(naive, "LONGEST", 0.0)
    assert naive_cost((2, 5)) == []


@pytest.mark.parametrize("name", ["samples", "rounds"])
def test_counts_are_at_least_one(name):
    with pytest.raises(ValueError, match=f"{name} must be a whole number of at least 1, not 0."):
        naive_cost((2,), **{name: 0})


@pytest.mark.parametrize("widths", [(), (0, 3), (4, 3), (3, 3)])
def test_widths_must_grow(widths):
    with pytest.raises(ValueError, match="widths must be whole numbers of at least 1 that grow"):
        naive_cost(widths)
