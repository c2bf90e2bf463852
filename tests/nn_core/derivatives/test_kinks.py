"""Kinks: a step that crosses one, and a point that lies on one, are held against no gradient, and hide no fault."""

import numpy as np
import pytest

from nn_core.activations import ELU, GELU, LeakyReLU, ReLU, Tanh
from nn_core.derivatives.jacobians import transposed_errors
from nn_core.derivatives.kinks import HIGH, LOW, OWN, Watch, gradient_by_differences
from nn_core.derivatives.slopes import gradient_errors, gradient_test, layer_errors, layer_tests, network_tests
from nn_core.initialisers import Glorot, He
from nn_core.layers import Conv2D, Dense, Flatten, MaxPool2D, Residual
from nn_core.losses import MeanSquaredError, SoftmaxCrossEntropy
from nn_core.network import Network
from tests.nn_core.members import members

RNG = np.random.default_rng(0)
X = RNG.standard_normal((6, 4))
X[[2, 4]] = 0  # with biases of 0, the sums of these rows are exactly 0
TARGETS = np.array([0, 1, 0, 0, 0, 2])
FLAT = {"W": RNG.standard_normal((4, 5)), "b": np.zeros(5)}
PICTURES = RNG.integers(0, 3, (3, 4, 4, 2)).astype(float)  # with equal pixels in nearly every window
BENT = [ReLU(), LeakyReLU(0.2), ELU(2.0), ELU(1.0)]
CHOICES = {"below": 0.0, "above": 1.0, "half": 0.5}


class Chosen(Dense):
    """A ReLU layer of one's own making, which takes another derivative where the sum is 0."""

    at_zero = 0.0

    def backward(self, dy, cache, p, g, need_dx=True):
        dz = dy * np.where(cache.z == 0, self.at_zero, cache.z > 0)
        g["W"][...] = cache.x.mT @ dz
        g["b"][...] = dz.sum(axis=-2)
        return dz @ p["W"].mT


class LastWins(MaxPool2D):
    """Gives the gradient to the last of equal numbers."""

    def backward(self, dy, cache, p, g, need_dx=True):
        last = self.size**2 - 1 - self.seen[..., ::-1, :].argmax(axis=-2)[..., None, :]
        return super().backward(dy, cache._replace(winner=last), p, g, need_dx)


def chosen(at_zero: float) -> Dense:
    return type("Chosen", (Chosen,), {"at_zero": at_zero})(5, ReLU())


def problem(*layers, x=X, targets=TARGETS) -> tuple:
    network = Network([*layers, Dense(3)], x.shape[1:], np.float64)
    return network, SoftmaxCrossEntropy(), network.init(Glorot(), 0), x, targets


def wrong(tests) -> set[str]:
    return {test.name for test in tests if test.verdict != "right" and test.verdict != "linear"}


# --- the point lies on a kink ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("activation", BENT, ids=repr)
def test_a_row_of_zeros_and_biases_of_zero(activation, depth):
    given = problem(*[Dense(5, activation)] * depth)
    tests = network_tests(*given)
    assert wrong(tests) == set()
    assert max(gradient_errors(*given).values()) < 1e-6
    if activation != ELU(1.0):  # whose slope is 1 on either side
        assert "the point lies on a kink" in {test.name: test for test in tests}["0.b"].text


@pytest.mark.parametrize("activation", BENT, ids=repr)
@pytest.mark.parametrize("kind", [Dense, Residual])
def test_one_layer_on_its_kink(kind, activation):
    layer = kind(5, activation)
    p = {name: RNG.standard_normal(about.shape) * about.is_weight for name, about in layer.parameters((4,)).items()}
    assert wrong(layer_tests(layer, X, p)) == set()
    assert max(layer_errors(layer, X, p).values()) < 1e-6
    assert max(transposed_errors(layer, X, p).values()) < 1e-8


@pytest.mark.parametrize("at_zero", CHOICES.values(), ids=CHOICES)
def test_whatever_lies_between_the_sides_is_right(at_zero):
    given = problem(chosen(at_zero))
    assert wrong(network_tests(*given)) == set()
    assert max(gradient_errors(*given).values()) < 1e-6
    assert wrong(layer_tests(chosen(at_zero), X, FLAT)) == set()
    assert max(layer_errors(chosen(at_zero), X, FLAT).values()) < 1e-6
    assert max(transposed_errors(chosen(at_zero), X, FLAT).values()) < 1e-8


@pytest.mark.parametrize("at_zero", [-0.1, 1.1, 5.0])
def test_what_lies_outside_is_wrong(at_zero):
    given = problem(chosen(at_zero))
    assert {"0.b", "x", "all parameters"} <= wrong(network_tests(*given))
    errors = gradient_errors(*given)
    assert min(errors["0.b"], errors["x"]) > 1e-3 > max(errors["0.W"], errors["1.W"])
    assert wrong(layer_tests(chosen(at_zero), X, FLAT)) == {"b", "x"}
    assert {name for name, error in layer_errors(chosen(at_zero), X, FLAT).items() if error > 1e-3} == {"b", "x"}
    assert {name for name, error in transposed_errors(chosen(at_zero), X, FLAT).items() if error > 1e-4} == {"b", "x"}


def test_a_sum_that_is_zero_but_for_rounding():
    x = np.array([[0.1, 0.2, -0.3], [1.0, 2.0, 3.0]])
    p = {"W": np.array([[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]), "b": np.zeros(2)}
    assert 0 < abs((x @ p["W"])[0, 0]) < 1e-15
    assert wrong(layer_tests(Dense(2, ReLU()), x, p)) == set()
    assert max(layer_errors(Dense(2, ReLU()), x, p).values()) < 1e-6


@pytest.mark.parametrize("activation", BENT, ids=repr)
@pytest.mark.parametrize("large", [1e6, 1e9])
def test_one_huge_sum_hides_no_ordinary_one(activation, large):
    x = RNG.standard_normal((5, 4))
    x[0, 0] = large
    assert wrong(layer_tests(Dense(5, activation), x, FLAT)) == set()
    assert max(layer_errors(Dense(5, activation), x, FLAT).values()) < 1e-3
    tests = layer_tests(chosen(5.0), x, FLAT)  # whose sums are not 0: nothing is wrong with it
    assert wrong(tests) == set()


@pytest.mark.parametrize("layer", [MaxPool2D(), MaxPool2D(3, 1), MaxPool2D(2, 1)], ids=repr)
def test_equal_pixels_in_a_window(layer):
    assert wrong(layer_tests(layer, PICTURES)) == set()
    assert layer_errors(layer, PICTURES)["x"] < 1e-8
    assert transposed_errors(layer, PICTURES)["x"] < 1e-8


def test_the_last_of_equal_pixels_may_win_as_well():
    layer = LastWins()
    object.__setattr__(layer, "seen", PICTURES.reshape(3, 2, 2, 2, 2, 2).swapaxes(2, 3).reshape(3, 2, 2, 4, 2))
    ours = MaxPool2D()
    dy = np.ones((3, 2, 2, 2))
    cache = ours.forward(PICTURES, {})[1]
    assert not np.array_equal(layer.backward(dy, cache, {}, {}), ours.backward(dy, cache, {}, {}))
    assert wrong(layer_tests(layer, PICTURES)) == set()
    assert layer_errors(layer, PICTURES)["x"] < 1e-8


def test_a_network_on_pictures_with_dead_places_and_ties():
    pictures = PICTURES.copy()
    pictures[1] = 0
    given = problem(Conv2D(3, 3, activation=ReLU()), MaxPool2D(), Flatten(), x=pictures, targets=np.array([0, 1, 2]))
    assert wrong(network_tests(*given)) == set()
    assert max(gradient_errors(*given).values()) < 1e-6


@pytest.mark.parametrize("gradient", [-1.0, 0.0, 0.4, 1.0])
def test_any_function_at_its_own_kink(gradient):
    for direction in (np.ones(1), -np.ones(1)):
        test = gradient_test(lambda x: float(abs(x[0])), np.array([gradient]), np.zeros(1), direction)
        assert test.passed
        assert test.on_kink == (gradient != direction[0])
        beyond = gradient_test(lambda x: float(abs(x[0])), np.array([1.2]), np.zeros(1), direction)
        assert beyond.verdict == "wrong"


# --- steps that cross kinks -----------------------------------------------------------------------------------------


def test_steps_are_halved_until_none_crosses():
    # relu(0.1 - eps) bends at eps = 0.1: 1/2, 1/4 and 1/8 lie beyond, so the first step is 1/16.
    layer, p = Dense(1, ReLU()), {"W": np.ones((1, 1)), "b": np.zeros(1)}
    (test,) = [test for test in layer_tests(layer, np.array([[-0.1]]), p) if test.name == "b"]
    assert test.verdict == "linear"
    ahead = test if test.kinks else layer_tests(layer, np.array([[0.1]]), p)[1]
    assert (ahead.kinks, ahead.halvings, ahead.epsilons.max()) == (1, 3, 1 / 16)
    assert "the first steps crossed 1 kink, so these are 8 times smaller" in ahead.text


@pytest.mark.parametrize("seed", range(12))
def test_relu_networks_keep_the_slopes_of_theory(seed):
    draw = np.random.default_rng(seed)
    x, targets = draw.standard_normal((8, 2)), draw.integers(0, 3, 8)
    network = Network([Dense(16, ReLU()), Residual(16, ReLU()), Dense(3)], (2,), np.float64)
    tests = network_tests(network, SoftmaxCrossEntropy(), network.init(He(), seed), x, targets, seed=seed)
    assert any(test.kinks for test in tests)
    for test in tests:
        assert test.verdict == "right", test.text
        assert test.zero_slope == pytest.approx(1, abs=0.1)
        assert test.first_slope > 1.85


@pytest.mark.parametrize("activation", [ReLU(), ELU(), Tanh(), GELU()], ids=repr)
@pytest.mark.parametrize(("inputs", "weights"), [(1e3, 1), (1e6, 1), (1, 10)])
def test_inputs_and_weights_of_another_size(activation, inputs, weights):
    """Where a network bends a lot, or is sure of itself, steps of the usual size say nothing."""
    for seed, loss in enumerate((SoftmaxCrossEntropy(), MeanSquaredError())):
        draw = np.random.default_rng(seed)
        network = Network([Dense(8, activation), Residual(6, activation), Dense(3)], (2,), np.float64)
        theta = weights * network.init(Glorot(), seed) + 0.1 * draw.standard_normal(network.size)
        targets = draw.integers(0, 3, 8) if loss.task == "classes" else 1e4 * draw.standard_normal((8, 3))
        given = network, loss, theta, inputs * draw.standard_normal((8, 2)), targets
        assert [test.text for test in network_tests(*given, seed=seed) if not test.passed] == []
        assert max(gradient_errors(*given).values()) < 1e-3


def test_a_smooth_network_has_nothing_to_watch():
    watch = Watch([Dense(3, Tanh()), Dense(2)])
    assert watch.layers == (Dense(3, Tanh()), Dense(2))
    watch.settle(lambda: None)
    assert not watch.holds
    assert watch.traced(lambda: 7)[0] == 7


def test_a_watch_counts_the_sides():
    layer, p = Dense(2, ReLU()), {"W": np.eye(2), "b": np.zeros(2)}
    watch = Watch([layer])
    watch.settle(lambda: watch.layers[0].forward(np.array([[1.0, 0.0]]), p))
    assert (watch.tied, watch.holds) == (1, True)
    for choice, value in ((OWN, 0.0), (LOW, 0.0), (HIGH, 0.5)):
        (y, _), sides = watch.traced(lambda: watch.layers[0].forward(np.array([[-1.0, 0.5]]), p), choice)
        assert y.tolist() == [[0.0, value]]
        assert sides.tolist() == [0, 0]  # what is held is on no side
    assert layer == Dense(2, ReLU())


def test_differences_take_smaller_steps_before_a_kink():
    def traced(x):
        return float(np.maximum(x, 0) @ np.array([1.0, 2.0])), (x > 0).astype(int)

    gradient, steps = gradient_by_differences(traced, np.array([1e-4, -3.0]), 1e-3)
    assert gradient == pytest.approx([1, 0], abs=1e-9)
    assert steps.tolist() == [1e-3 / 64, 1e-3]


@pytest.mark.parametrize("activation", members("activations"), ids=repr)
def test_each_activation_says_whether_it_has_a_kink(activation):
    """A jump of the slope at 0, or of its bend, spoils differences there."""
    at = np.array([-2e-4, -1e-4, 0.0, 1e-4, 2e-4])
    slopes = activation.derivative(at, activation.forward(at))
    bends = np.diff(slopes) / 1e-4
    jumps = abs(slopes[3] - slopes[1]) > 1e-2 or abs(bends[3] - bends[0]) > 1e-2
    assert getattr(activation, "joined_at_zero", False) == jumps
    if jumps:
        assert activation.forward(np.zeros(1)) == 0  # what a unit is held to
