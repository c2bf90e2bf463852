"""The figures of the gradient lab: every test has its labelled panel, and they can be saved in each format."""

import io

import numpy as np
import pytest

from nn_core.activations import Tanh
from nn_core.derivatives.naive import Cost
from nn_core.derivatives.slopes import gradient_test, layer_tests
from nn_core.layers import Residual
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
    naive, backprop, between = axes.lines
    assert list(naive.get_ydata()) == [0.001, 0.01]
    assert list(backprop.get_ydata()) == [0.00005, 0.00006]
    assert axes.get_xlabel() == "parameters of the network"
    assert axes.get_ylabel() == "seconds for one gradient"
    assert [text.get_text() for text in axes.texts] == ["167 times"]
    assert list(between.get_xdata()) == [354, 354]
    assert list(between.get_ydata()) == [0.00006, 0.01]


def test_a_wrong_gradient_stands_out():
    right, wrong = slope_figure([bent(6), bent(5)], "f").axes
    assert right.title.get_fontweight() == "normal"
    assert wrong.title.get_fontweight() == "bold"


@pytest.mark.parametrize("gradient", [6, 5], ids=["right", "wrong"])
def test_guides_have_their_slope_and_do_not_touch_the_errors(gradient):
    zero, first, *guides = slope_figure([bent(gradient)], "f").axes[0].lines
    for power, errors, guide in zip((1, 2), (zero, first), guides, strict=True):
        eps, line = guide.get_xdata(), guide.get_ydata()
        assert np.diff(np.log(line)) / np.diff(np.log(eps)) == pytest.approx(power)
        assert (line < 0.5 * errors.get_ydata()).all()


def test_what_has_no_error_at_all_is_drawn_without_points():
    still = gradient_test(lambda x: 5.0, np.zeros(1), np.ones(1), np.ones(1), name="f")
    figure = slope_figure([still], "Nothing moves")
    figure.savefig(io.BytesIO())
    assert titles(figure) == ["f\nno effect"]
    assert figure.axes[0].get_xlim() == pytest.approx((still.epsilons.min() / 1.5, 0.75))
    assert all(np.isnan(line.get_ydata()).all() for line in figure.axes[0].lines)


def test_nothing_to_draw():
    with pytest.raises(ValueError, match="tests must hold at least one test"):
        slope_figure([], "f")
    with pytest.raises(ValueError, match="costs must hold at least one network"):
        cost_figure([])


@pytest.mark.parametrize("size", [1, 5])
def test_nothing_overlaps(size):
    figure = slope_figure([bent(6)] * size, "Residual network, tanh, with its loss, on Swiss Roll")
    figure.draw_without_rendering()  # lays it out
    boxes = [axes.get_tightbbox() for axes in figure.axes if axes.get_visible()]
    boxes += [figure.legends[0].get_window_extent(), figure._suptitle.get_window_extent()]
    assert not any(a.overlaps(b) for number, a in enumerate(boxes) for b in boxes[:number])
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 for box in boxes)


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_figures_can_be_saved(kind):
    for figure in (slope_figure([bent(6)], "One panel"), cost_figure(COSTS)):
        file = io.BytesIO()
        figure.savefig(file, format=kind)
        assert len(file.getvalue()) > 1000
