"""Hand-written derivatives against finite differences, float64: relative error under 1e-7 for every number.

Numbers under 1e-4 are compared by their difference, that is, to 1e-11.
"""

import numpy as np
import pytest

from nn_core.activations import SiLU, Tanh
from nn_core.checks import numeric_gradient, relative_error
from nn_core.initialisers import He, Normal
from nn_core.layers import AveragePool2D, BatchNorm, Conv2D, Dense, Dropout, Flatten, LayerNorm, MaxPool2D
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.network import Network
from tests.nn_core.members import members
from tests.nn_core.pictures import CONV_NET
from tests.oracle.problems import NETWORKS, dropout_stream, layer_problem, network_problem

BOUND = 1e-7
EPS = 1e-4  # small enough to stay on one side of ReLU's corner


def close(ours: np.ndarray, numeric: np.ndarray) -> bool:
    return relative_error(ours, numeric, scale=1e-4) < BOUND


@pytest.mark.parametrize("activation", members("activations"))
def test_activation(activation):
    z = np.array([-6.0, -2.5, -1.0, -0.3, -0.01, 0.01, 0.2, 1.0, 3.0, 6.0])
    numeric = numeric_gradient(lambda moved: activation.forward(moved).sum(), z, EPS)
    assert close(activation.derivative(z, activation.forward(z)), numeric)


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
def test_loss(loss):
    generator = np.random.default_rng(1)
    outputs = generator.standard_normal((5, 4))
    targets = generator.integers(0, 4, 5) if loss.task == "classes" else generator.standard_normal((5, 4))
    numeric = numeric_gradient(lambda moved: loss.value(moved, targets), outputs, EPS)
    assert close(loss.gradient(outputs, targets), numeric)


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
@pytest.mark.parametrize("rng", [dropout_stream, lambda: None], ids=["training", "predicting"])
def test_layer_gradients_of_parameters_and_input(layer, rng):
    x, p, dy = layer_problem(layer)
    about = layer.parameters(x.shape[1:])
    gradients = {name: np.full_like(value, np.nan) for name, value in p.items()}
    _, cache = layer.forward(x, copies(p), rng())
    dx = layer.backward(dy, cache, p, gradients)

    def loss(**moved):
        y, _ = layer.forward(moved.get("x", x), copies(p | moved), rng())
        return (y * dy).sum()

    assert close(dx, numeric_gradient(lambda moved: loss(x=moved), x, EPS))
    for name, value in p.items():
        if about[name].learned:
            numeric = numeric_gradient(lambda moved, name=name: loss(**{name: moved}), value, EPS)
            assert close(gradients[name], numeric), name
        else:  # running statistics move predictions, but no gradient may move them
            assert not gradients[name].any(), name
    assert not p or layer.backward(dy, cache, p, gradients, need_dx=False) is None


@pytest.mark.parametrize("name", NETWORKS)
def test_network_with_loss_penalties_and_dropout(name):
    network, loss, l1, l2, theta, x, targets = network_problem(name)
    check_network(network, loss, l1, l2, theta, x[:6], targets[:6], dropout_stream)


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
    check_network(network, SoftmaxCrossEntropy(), 0.01, 0.1, theta, x, targets, rng)


def copies(p):
    """A layer may move the running statistics among its parameters."""
    return {name: value.copy() for name, value in p.items()}


def check_network(network, loss, l1, l2, theta, x, targets, rng):
    """The gradients of the loss with its penalties, with respect to all parameters that are learned, and to x."""
    mask, gradient = network.weights_mask(), np.full_like(theta, np.nan)
    params = network.views(theta.copy())
    outputs, caches = network.forward(x, params, rng())
    dx = network.backward(loss.gradient(outputs, targets), caches, params, network.views(gradient), need_dx=True)
    gradient += mask * (l2 * theta + l1 * np.sign(theta))

    def objective(theta=theta, x=x):
        outputs, _ = network.forward(x, network.views(theta.copy()), rng())
        penalty = l2 / 2 * (mask * theta**2).sum() + l1 * (mask * np.abs(theta)).sum()
        return loss.value(outputs, targets) + penalty

    learned = np.ones(network.size, bool)
    for views, places in zip(network.views(learned), network.places, strict=True):
        for name, (_, parameter) in places.items():
            views[name][...] = parameter.learned
    numeric = numeric_gradient(lambda moved: objective(theta=moved), theta, EPS)
    assert close(gradient[learned], numeric[learned])
    assert not gradient[~learned].any()
    assert close(dx, numeric_gradient(lambda moved: objective(x=moved), x, EPS))


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
