"""The gradient test and the Jacobian test: what is right passes with the slopes of theory, what is wrong is found."""

import dataclasses
from dataclasses import dataclass

import numpy as np
import pytest

from nn_core.activations import ReLU, Tanh
from nn_core.derivatives.slopes import EPSILONS, gradient_errors, gradient_test, layer_tests, network_tests
from nn_core.initialisers import Glorot
from nn_core.layers import BatchNorm, Dense, Dropout, Residual
from nn_core.losses import MeanSquaredError, SoftmaxCrossEntropy
from nn_core.network import Network
from tests.nn_core.members import members
from tests.nn_core.runs import is_one_sentence
from tests.oracle.problems import dropout_stream, layer_problem
from tests.oracle.published import LOSS, NETWORK, TARGETS, toy

X = np.random.default_rng(0).standard_normal((4, 10))
CLASSES = np.array([0, 1, 1, 0])


def network(*layers) -> tuple:
    """A network on X's first two features, with its first parameters."""
    made = Network(layers, (2,), np.float64)
    return made, made.init(Glorot(), 3)


def slopes_of(layers, loss=SoftmaxCrossEntropy(), targets=CLASSES, **kwargs) -> list:
    made, theta = network(*layers)
    return network_tests(made, loss, theta, X[:, :2].copy(), targets, **kwargs)


def assert_slopes_one_and_two(test):
    assert test.verdict == "right", test.text
    assert test.zero_slope == pytest.approx(1, abs=0.1)
    assert test.first_slope == pytest.approx(2, abs=0.1)


def test_a_parabola_by_hand():
    # f = x^2 at 3 along 1: |f(3 + e) - 9| = 6 e + e^2, and e^2 is what the gradient 6 leaves.
    test = gradient_test(lambda x: float(x[0] ** 2), np.array([6.0]), np.array([3.0]), np.array([1.0]))
    assert test.zero_order == pytest.approx(6 * EPSILONS + EPSILONS**2, rel=1e-10)
    assert test.first_order == pytest.approx(EPSILONS**2, rel=1e-7)
    assert test.first_slope == pytest.approx(2, abs=1e-6)
    assert test.passed


@pytest.mark.parametrize("slope", [5.9, 0.0, -6.0])
def test_a_parabola_with_another_gradient_is_wrong(slope):
    test = gradient_test(lambda x: float(x[0] ** 2), np.array([slope]), np.array([3.0]), np.array([1.0]))
    assert test.verdict == "wrong"
    assert not test.passed
    assert "wrong" in test.text


def test_what_is_linear_is_told_from_what_is_right():
    test = gradient_test(lambda x: float(2 * x[0]), np.array([2.0]), np.array([3.0]), np.array([1.0]))
    assert test.verdict == "linear"
    assert test.passed
    assert test.zero_slope == pytest.approx(1, abs=1e-6)
    wrong = gradient_test(lambda x: float(2 * x[0]), np.array([2.001]), np.array([3.0]), np.array([1.0]))
    assert wrong.verdict == "wrong"


@pytest.mark.parametrize("share", [1e-1, 1e-2, 1e-3, 1e-4])
@pytest.mark.parametrize("side", [1, -1])
def test_a_small_fault_does_not_hide_behind_the_curvature(share, side):
    # f = exp(3 x) at 0: its bend covers a fault of a thousandth at all steps, and the fitted slope is above 2.
    gradient = np.array([3 * (1 + side * share)])
    test = gradient_test(lambda x: float(np.exp(3 * x[0])), gradient, np.zeros(1), np.ones(1))
    assert test.verdict == "wrong"
    assert test.missing == pytest.approx(share, rel=0.15)
    assert f"{100 * test.missing:.3g} % of the derivative is missing" in test.text


def test_a_point_where_nothing_bends_or_nothing_moves():
    flat = gradient_test(lambda x: float(x[0] ** 3 + x[0]), np.ones(1), np.zeros(1), np.ones(1))
    assert (flat.verdict, flat.first_slope) == ("right", pytest.approx(3, abs=0.01))
    valley = gradient_test(lambda x: float(x[0] ** 2 + x[0] ** 3), np.zeros(1), np.zeros(1), np.ones(1))
    assert valley.passed
    constant = gradient_test(lambda x: 1.0, np.zeros(1), np.ones(1), np.ones(1))
    assert constant.verdict == "linear"
    assert np.isnan(constant.zero_slope)


def test_a_corner_on_the_way_is_not_held_against_the_gradient():
    def corner_at(distance, gradient=1.0):
        return gradient_test(lambda x: float(abs(x[0])), np.array([gradient]), np.array([distance]), -np.ones(1))

    assert corner_at(0.1).passed
    assert not corner_at(0.1, gradient=1.001).passed
    bent = gradient_test(lambda x: float(abs(x[0] - 0.02) + x[0] ** 2), -np.ones(1), np.zeros(1), np.ones(1))
    assert bent.verdict == "right"


@pytest.mark.parametrize("distance", [3e-3, 1e-4, 1e-6])
def test_a_corner_very_close_is_looked_past(distance):
    def corner(gradient):
        return gradient_test(lambda x: float(abs(x[0] - distance)), gradient * np.ones(1), np.zeros(1), np.ones(1))

    right = corner(-1.0)
    assert right.passed
    assert right.missing < 1e-4
    assert f"the steps are {2**right.halvings:,} times smaller" in right.text
    for gradient in (-0.9, -1.1, 0.0):
        assert corner(gradient).verdict == "wrong"


def test_steps_can_be_chosen():
    for epsilons in ([0.1, 0.05, 0.01, 0.002], 0.5 ** np.arange(1, 40), EPSILONS[::-1]):
        right = gradient_test(lambda x: float(x[0] ** 2), 6 * np.ones(1), 3 * np.ones(1), np.ones(1), epsilons=epsilons)
        assert right.verdict == "right"
        assert right.first_slope == pytest.approx(2, abs=0.01)
        wrong = gradient_test(lambda x: float(x[0] ** 2), 5 * np.ones(1), 3 * np.ones(1), np.ones(1), epsilons=epsilons)
        assert wrong.verdict == "wrong"


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("activation", [Tanh(), ReLU()])
def test_verdicts_do_not_depend_on_luck(activation, seed):
    tests = slopes_of([Dense(10, activation), Residual(10, activation), Dense(2)], seed=seed, length=0.1)
    assert [test.text for test in tests if not test.passed] == []


def test_a_strong_bend_spoils_the_slope_but_not_the_verdict():
    test = gradient_test(lambda x: float(x[0] ** 2 - 33 * x[0] ** 3), np.zeros(1), np.zeros(1), np.ones(1))
    assert test.first_slope < 1.75  # near eps = 1/33 both terms cancel
    assert test.verdict == "right"
    assert "nothing is missing" in test.text


def test_steps_that_drown_in_rounding_do_not_count():
    given = {"point": np.array([3.0]), "direction": np.ones(1), "epsilons": 0.5 ** np.arange(1, 40)}
    assert gradient_test(lambda x: float(x[0] ** 2), np.array([6.001]), **given).verdict == "wrong"


def test_a_generator_means_training():
    predicting, training = (layer_tests(BatchNorm(), X, rng=rng)[-1] for rng in (None, dropout_stream))
    assert (predicting.verdict, training.verdict) == ("linear", "right")  # the batch's own statistics bend the line


def test_every_verdict_is_one_sentence():
    parabola, corner = (lambda x: float(x[0] ** 2)), (lambda x: float(abs(x[0] - 0.02) + x[0] ** 2))
    tests = [
        *layer_tests(Dense(10, ReLU()), np.zeros((1, 4)), {"W": np.ones((4, 10)), "b": np.zeros(10)}),
        gradient_test(lambda x: float(np.sqrt(abs(x[0]))), np.zeros(1), np.zeros(1), np.ones(1)),
        gradient_test(lambda x: float(1e9 + x[0]), 1e-9 * np.ones(1), np.zeros(1), 1e-9 * np.ones(1)),
        *layer_tests(Dense(10, ReLU()), X),
        gradient_test(parabola, np.array([6.0]), np.array([3.0]), np.ones(1)),
        gradient_test(parabola, np.array([5.0]), np.array([3.0]), np.ones(1)),
        gradient_test(corner, -np.ones(1), np.zeros(1), np.ones(1)),
        gradient_test(lambda x: float(abs(x[0] - 0.003)), -np.ones(1), np.zeros(1), np.ones(1)),
    ]
    for test in tests:
        assert is_one_sentence(test.text.capitalize()), test.text


def test_softmax_and_cross_entropy():
    tests = slopes_of([Dense(2)])
    assert [test.name for test in tests] == ["0.W", "0.b", "x", "all parameters"]
    for test in tests:
        assert_slopes_one_and_two(test)


@pytest.mark.parametrize("layer", [Dense(10, Tanh()), Residual(10, Tanh())])
def test_jacobians_of_the_course(layer):
    tests = {test.name: test for test in layer_tests(layer, X)}
    assert list(tests) == [*layer.parameters((10,)), "x"]
    if isinstance(layer, Residual):
        linear = tests.pop("W2")
        assert linear.verdict == "linear"
        assert linear.first_order.max() < 1e-13
    for test in tests.values():
        assert_slopes_one_and_two(test)


@pytest.mark.parametrize("middle", [Dense(10, Tanh()), Residual(10, Tanh())])
def test_whole_networks_with_their_loss(middle):
    for test in slopes_of([Dense(10, Tanh()), middle, Dense(2)]):
        assert_slopes_one_and_two(test)


def test_a_network_with_dropout_and_batch_normalisation_in_training():
    tests = slopes_of([Dense(6, Tanh()), BatchNorm(), Dropout(0.3), Dense(2)], rng=dropout_stream)
    assert {test.name for test in tests} == {"0.W", "0.b", "1.gamma", "1.beta", "3.W", "3.b", "x", "all parameters"}
    assert all(test.passed for test in tests)


@pytest.mark.parametrize("rng", [None, dropout_stream], ids=["predicting", "training"])
@pytest.mark.parametrize("layer", members("layers"))
def test_every_layer(layer, rng):
    x, p, _ = layer_problem(layer)
    tests = layer_tests(layer, x, p, rng=rng, length=0.01)  # short: nothing crosses a corner
    learned = [name for name, about in layer.parameters(x.shape[1:]).items() if about.learned]
    assert [test.name for test in tests] == [*learned, "x"]
    assert all(test.passed for test in tests), [test.text for test in tests]


# --- planted faults -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ForgottenFactor(Dense):
    def backward(self, dy, cache, p, g, need_dx=True):
        return super().backward(1.01 * dy, cache, p, g, need_dx)


@dataclass(frozen=True)
class WrongSlope(Dense):
    def backward(self, dy, cache, p, g, need_dx=True):
        return super().backward(dy, cache._replace(a=0.9 * cache.a), p, g, need_dx)


@dataclass(frozen=True)
class ForgottenTranspose(Dense):
    def backward(self, dy, cache, p, g, need_dx=True):
        return super().backward(dy, cache, p | {"W": p["W"].T}, g, need_dx)


@dataclass(frozen=True)
class ForgottenBias(Dense):
    def backward(self, dy, cache, p, g, need_dx=True):
        dx = super().backward(dy, cache, p, g, need_dx)
        g["b"][...] = 0
        return dx


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (ForgottenFactor, {"W", "b", "x"}),
        (WrongSlope, {"W", "b", "x"}),
        (ForgottenTranspose, {"x"}),
        (ForgottenBias, {"b"}),
    ],
)
def test_planted_faults_are_found(kind, wrong):
    layer = kind(10, Tanh())
    assert {test.name for test in layer_tests(layer, X) if not test.passed} == wrong
    for test in layer_tests(layer, X):
        if test.name in wrong:
            assert test.first_slope == pytest.approx(1, abs=0.2)
    found = {test.name for test in slopes_of([Dense(10, Tanh()), layer, Dense(2)]) if not test.passed}
    inside = {f"1.{name}" for name in wrong - {"x"}}
    assert inside <= found
    assert ("x" in wrong) == ("x" in found)
    assert "all parameters" in found


def test_the_toy_net_by_relative_error():
    theta, x, _ = toy()
    errors = gradient_errors(NETWORK, LOSS, theta, x, TARGETS, l2=0.1)
    assert set(errors) == {"0.W", "0.b", "1.W", "1.b", "x"}
    assert max(errors.values()) < 1e-8


def test_relative_errors_show_a_wrong_gradient(monkeypatch):
    theta, x, _ = toy()
    right = MeanSquaredError.gradient
    monkeypatch.setattr(MeanSquaredError, "gradient", lambda *args: 2 * right(*args))
    errors = gradient_errors(NETWORK, MeanSquaredError(), theta, x, np.zeros((5, 3)))
    assert min(errors.values()) == pytest.approx(1 / 3, rel=1e-3)  # |2 g - g| / (2 g + g)


def test_a_test_can_not_be_changed_afterwards():
    test = gradient_test(np.sum, np.ones(2), np.ones(2), np.ones(2))
    with pytest.raises(dataclasses.FrozenInstanceError):
        test.verdict = "right"


def test_a_network_that_trains_in_float32_is_tested_in_float64():
    made, theta = network(Dense(6, Tanh()), Dense(2))
    coarse = Network(made.layers, (2,), np.float32)
    given = SoftmaxCrossEntropy(), theta, X[:, :2].copy(), CLASSES
    assert [test.first_slope for test in network_tests(coarse, *given)] == [
        test.first_slope for test in network_tests(made, *given)
    ]


def test_a_corner_among_the_smallest_steps_hides_no_fault():
    # The corner lies between the third and the fourth smallest step: the three before it tell what is missing.
    corner = np.sqrt(EPSILONS[-4] * EPSILONS[-3])

    def bent(x):
        return float(2 * x[0] + 3 * max(0.0, x[0] - corner))

    assert gradient_test(bent, np.array([2.0]), np.zeros(1), np.ones(1)).passed
    assert gradient_test(bent, np.array([1.9]), np.zeros(1), np.ones(1)).verdict == "wrong"
