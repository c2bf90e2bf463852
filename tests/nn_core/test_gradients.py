"""Hand-written derivatives where the truth table does not look: when predicting, far out, whole conv nets."""

import numpy as np
import pytest

from nn_core.activations import SiLU, Tanh
from nn_core.derivatives.checks import numeric_gradient, relative_error
from nn_core.initialisers import He, Normal
from nn_core.layers import AveragePool2D, BatchNorm, Conv2D, Dense, Dropout, Flatten, LayerNorm, MaxPool2D
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.network import Network
from tests.nn_core.members import members
from tests.nn_core.pictures import CONV_NET
from tests.oracle import differences
from tests.oracle.checks import DIFFERENCES
from tests.oracle.problems import dropout_stream, layer_problem


@pytest.mark.parametrize("activation", members("activations"))
def test_activation_stays_finite_far_out_and_keeps_the_dtype(activation):
    for dtype in (np.float32, np.float64):
        z = np.array([-1e4, -100, -20, 0, 20, 100, 1e4], dtype)
        with np.errstate(under="ignore"):
            y = activation.forward(z)
            slope = activation.derivative(z, y)
        assert y.dtype == slope.dtype == dtype
        assert np.isfinite(y).all()
        assert np.isfinite(slope).all()


@pytest.mark.parametrize("loss", members("losses"))
@pytest.mark.parametrize("order", ["C", "F"])
def test_loss_gradient_does_not_depend_on_memory_order(loss, order):
    generator = np.random.default_rng(2)
    outputs = generator.standard_normal((2, 5, 4))
    targets = generator.integers(0, 4, (2, 5)) if loss.task == "classes" else generator.standard_normal((2, 5, 4))
    given = np.array(outputs, order=order)
    assert np.array_equal(loss.gradient(given, targets), loss.gradient(outputs.copy(), targets))
    assert np.array_equal(given, outputs)  # and what was given stays as it was


@pytest.mark.parametrize("layer", members("layers"))
def test_layer_when_predicting(layer):
    assert differences.layer(layer, lambda: None) < DIFFERENCES


@pytest.mark.parametrize("layer", members("layers"))
def test_a_first_layer_need_not_say_what_its_input_should_have_been(layer):
    x, p, dy = layer_problem(layer)
    _, cache = layer.forward(x, {name: value.copy() for name, value in p.items()}, dropout_stream())
    gradients = {name: np.empty_like(value) for name, value in p.items()}
    assert not p or layer.backward(dy, cache, p, gradients, need_dx=False) is None


NORMALISED = (
    Conv2D(3, 3, activation=Tanh()),
    BatchNorm(),
    MaxPool2D(),
    Conv2D(4, 3, stride=2, activation=SiLU()),
    LayerNorm(),
    AveragePool2D(2, 1),
    Flatten(),
    BatchNorm(),
    Dense(5, Tanh()),
    Dropout(0.3),
    Dense(3),
)


@pytest.mark.parametrize("rng", [dropout_stream, lambda: None], ids=["training", "predicting"])
@pytest.mark.parametrize("layers", [CONV_NET, NORMALISED], ids=["plain", "normalised"])
def test_convolutional_network(layers, rng):
    network = Network(layers, (9, 8, 2), np.float64)
    theta = 0.5 * network.init(He(), 1) + 0.3 * network.init(Normal(), 2)
    for views in network.views(theta):
        for name, values in views.items():
            if name in ("b", "beta", "mean"):
                values[...] = np.random.default_rng(5).normal(0, 0.3, values.shape)
    generator = np.random.default_rng(6)
    x, targets = generator.standard_normal((4, 9, 8, 2)), generator.integers(0, 3, 4)
    error = differences.gradients(network, SoftmaxCrossEntropy(), 0.1, theta, x, targets, rng)
    assert error < DIFFERENCES


def test_numeric_gradient_of_a_polynomial_is_exact():
    x = np.array([[1.0, -2.0], [0.5, 3.0]])
    assert relative_error(numeric_gradient(lambda a: (a**3).sum(), x), 3 * x**2) < 1e-11
    with pytest.raises(TypeError, match="float64"):
        numeric_gradient(np.sum, x.astype(np.float32))


def test_relative_error_by_hand():
    assert relative_error([1.0, 2.0], [1.0, 2.0]) == 0
    assert relative_error([3.0], [1.0]) == 0.5  # |3 - 1| / (3 + 1)
    assert relative_error([1.0], [-1.0]) == 1
    assert relative_error([1e-9], [0.0], scale=1e-6) == pytest.approx(1e-3)
    assert relative_error([], []) == 0
    assert np.isnan(relative_error([np.nan], [0.0]))
    with pytest.raises(ValueError, match="shapes"):
        relative_error([1.0], [1.0, 2.0])
