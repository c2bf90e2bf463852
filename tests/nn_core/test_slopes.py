"""The gradient test and the Jacobian test: what is right passes with the slopes of theory, what is wrong is found."""

import dataclasses
from dataclasses import dataclass

import numpy as np
import pytest

from nn_core.activations import ReLU, Tanh
from nn_core.initialisers import Glorot
from nn_core.layers import BatchNorm, Dense, Dropout, Residual
from nn_core.losses import MeanSquaredError, SoftmaxCrossEntropy
from nn_core.network import Network
from nn_core.slopes import EPSILONS, gradient_errors, gradient_test, layer_tests, network_tests
from tests.nn_core.members import members
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
        x, z, y = cache
        return super().backward(dy, (x, z, 0.9 * y), p, g, need_dx)


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


# --- what cannot be tested ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "error", "sentence"),
    [
        ({"point": np.zeros(2, np.float32)}, TypeError, "point is float32"),
        ({"direction": np.zeros(2)}, ValueError, "direction must not be zero everywhere"),
        ({"direction": np.ones(3)}, ValueError, "must have one shape"),
        ({"gradient": np.array([np.nan, 0])}, ValueError, "gradient holds numbers that are not finite"),
        ({"function": lambda x: np.inf}, ValueError, "The function is not finite within 0.5 of the point"),
    ],
)
def test_bad_input_of_the_gradient_test(changed, error, sentence):
    given = {"function": np.sum, "gradient": np.ones(2), "point": np.ones(2), "direction": np.ones(2)} | changed
    with pytest.raises(error, match=sentence), np.errstate(all="ignore"):
        gradient_test(*given.values())


def test_bad_input_of_the_layer_tests():
    with pytest.raises(TypeError, match="x is float32"):
        layer_tests(Dense(3), X.astype(np.float32))
    with pytest.raises(ValueError, match=r"Dense on samples of shape \(10,\) has W \(10, 3\), b \(3,\)"):
        layer_tests(Dense(3), X, {"W": np.ones((9, 3)), "b": np.ones(3)})
    with pytest.raises(ValueError, match="Dense takes vectors"):
        layer_tests(Dense(3, ReLU()), X[:, :, None])


def test_a_test_can_not_be_changed_afterwards():
    test = gradient_test(np.sum, np.ones(2), np.ones(2), np.ones(2))
    with pytest.raises(dataclasses.FrozenInstanceError):
        test.verdict = "right"
