"""What the gradient and Jacobian tests cannot be asked: each gets one sentence that names what is wrong."""

import numpy as np
import pytest

from nn_core.activations import ReLU
from nn_core.derivatives.slopes import gradient_errors, gradient_test, layer_tests, network_tests
from nn_core.layers import Dense
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.network import Network
from tests.nn_core.derivatives.test_slopes import CLASSES, X


@pytest.mark.parametrize(
    ("changed", "error", "sentence"),
    [
        ({"point": np.zeros(2, np.float32)}, TypeError, "point is float32"),
        ({"direction": np.zeros(2)}, ValueError, "direction must not be zero everywhere"),
        ({"direction": np.ones(3)}, ValueError, "must have one shape"),
        ({"gradient": np.array([np.nan, 0])}, ValueError, "gradient holds numbers that are not finite"),
        ({"function": lambda x: np.inf}, ValueError, "The function is not finite within 0.5 of the point"),
        ({"function": lambda x: x}, ValueError, r"function must give one number, not an array of the shape \(2,\)"),
        ({"point": [1.0, 1.0]}, TypeError, "point is list"),
        ({"point": np.ones(0)}, ValueError, "point is empty"),
    ],
)
def test_bad_input_of_the_gradient_test(changed, error, sentence):
    given = {"function": np.sum, "gradient": np.ones(2), "point": np.ones(2), "direction": np.ones(2)} | changed
    with pytest.raises(error, match=sentence), np.errstate(all="ignore"):
        gradient_test(*given.values())


@pytest.mark.parametrize(
    "epsilons", [[], 0.5, [0.5, 0.25, 0.125], [0.5, 0.5, 0.2, 0.1], [0, 1, 2, 3], [np.nan, 1, 2, 3]]
)
def test_bad_steps(epsilons):
    with pytest.raises(ValueError, match="epsilons must be at least 4 different numbers above 0, not "):
        gradient_test(np.sum, np.ones(2), np.ones(2), np.ones(2), epsilons=epsilons)


@pytest.mark.parametrize("length", [0, -1.0, np.nan, np.inf, "1"])
def test_bad_lengths(length):
    with pytest.raises(ValueError, match="length must be a number above 0, not "):
        layer_tests(Dense(3), X, length=length)


@pytest.mark.parametrize(
    ("changed", "error", "sentence"),
    [
        ({"theta": np.zeros(5)}, ValueError, r"theta has the shape \(5,\); the network has 33 parameters"),
        ({"theta": np.zeros((2, 33))}, ValueError, r"theta has the shape \(2, 33\)"),
        ({"theta": np.zeros(33, np.float32)}, TypeError, "theta is float32"),
        ({"x": X[:, :2]}, ValueError, r"samples of shape \(2,\); the network takes \(10,\)"),
        ({"x": X[:0]}, ValueError, "x is empty"),
        ({"x": X * np.nan}, ValueError, "x holds numbers that are not finite"),
        ({"targets": CLASSES[:3]}, ValueError, "4 samples but 3 targets"),
        ({"targets": CLASSES + 3}, ValueError, "whole numbers from 0 to 2"),
    ],
)
@pytest.mark.parametrize("check", [network_tests, gradient_errors])
def test_bad_input_of_the_network_tests(check, changed, error, sentence):
    given = {"theta": np.zeros(33), "x": X, "targets": CLASSES} | changed
    with pytest.raises(error, match=sentence):
        check(Network([Dense(3)], (10,), np.float64), SoftmaxCrossEntropy(), **given)


def test_bad_input_of_the_layer_tests():
    with pytest.raises(TypeError, match="x is float32"):
        layer_tests(Dense(3), X.astype(np.float32))
    with pytest.raises(ValueError, match=r"Dense on samples of shape \(10,\) has W \(10, 3\), b \(3,\)"):
        layer_tests(Dense(3), X, {"W": np.ones((9, 3)), "b": np.ones(3)})
    with pytest.raises(ValueError, match="Dense takes vectors"):
        layer_tests(Dense(3, ReLU()), X[:, :, None])
