"""The figures of the gradient lab: every test has its labelled panel, and they can be saved in each format."""

import io

import numpy as np
import pytest

from nn_core.activations import Tanh
from nn_core.layers import Residual
from nn_core.naive import Cost
from nn_core.slopes import gradient_test, layer_tests
from playground.figures.checks import cost_figure, slope_figure

X = np.random.default_rng(0).standard_normal((3, 4))
COSTS = [Cost(42, 0.001, 0.00005), Cost(354, 0.01, 0.00006)]


def bent(gradient: float):
    return gradient_test(lambda x: float(x[0] ** 2), np.array([float(gradient)]), np.array([3.0]), np.ones(1), name="f")


def titles(figure) -> list[str]:
    return [axes.get_title() for axes in figure.axes if axes.get_visible()]


def test_every_test_has_a_panel_that_says_what_was_found():
    tests = [*layer_tests(Residual(5, Tanh()), X), bent(6), bent(5)]
    figure = slope_figure(tests, "Jacobian test")
    found = titles(figure)
    assert len(found) == len(tests) == 6
    assert found[2] == "W2\nslopes 1.00 and linear"
    assert found[-1].endswith(": wrong")
    assert ": wrong" not in found[-2]
    assert figure.get_suptitle() == "Jacobian test"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "zero order",
        "first order",
        "slope 1",
        "slope 2",
    ]
    labels = {axes.get_xlabel() for axes in figure.axes} | {axes.get_ylabel() for axes in figure.axes}
    assert {"step size ε", "error"} <= labels


def test_the_errors_are_drawn_as_they_were_measured():
    test = bent(6)
    zero, first = slope_figure([test], "f").axes[0].lines[:2]
    assert np.array_equal(zero.get_ydata(), test.zero_order)
    assert np.array_equal(first.get_ydata(), test.first_order)


def test_costs_are_drawn_as_they_were_measured():
    axes = cost_figure(COSTS).axes[0]
    naive, backprop = axes.lines
    assert list(naive.get_ydata()) == [0.001, 0.01]
    assert list(backprop.get_ydata()) == [0.00005, 0.00006]
    assert axes.get_xlabel() == "parameters of the network"
    assert axes.get_ylabel() == "seconds for one gradient"
    assert [text.get_text() for text in axes.texts] == ["167 times"]


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_figures_can_be_saved(kind):
    for figure in (slope_figure([bent(6)], "One panel"), cost_figure(COSTS)):
        file = io.BytesIO()
        figure.savefig(file, format=kind)
        assert len(file.getvalue()) > 1000
