"""The textbook step: its values by hand, and the trainer's own steps beside it."""

import numpy as np
import pytest

from nn_core.activations import ReLU, Tanh
from nn_core.derivatives.checks import numeric_gradient
from nn_core.initialisers import Glorot
from nn_core.layers import BatchNorm, Dense, Dropout, LayerNorm, Residual
from nn_core.losses import MeanSquaredError, SoftmaxCrossEntropy
from nn_core.network import Network
from nn_core.optimisers import SGD
from nn_core.random import Streams, stream
from nn_core.schedules import Constant
from nn_core.settings import Settings
from nn_core.step import backpropagate, step, update
from tests.nn_core.members import members, sample_shape
from tests.nn_core.runs import LAYERS, same_bits, trainer


def test_by_hand():
    # y = relu(x W + b), half of (y - t)^2, with W = ((3, -1), (1, -1)) and b = (1, 0).
    network = Network((Dense(2, ReLU()),), (2,), np.float64)
    theta = np.array([3.0, -1, 1, -1, 1, 0])
    x, targets = np.array([[1.0, 2]]), np.array([[4.0, 5]])
    passes, made = step(network, MeanSquaredError("half"), theta, x, targets, SGD(), [], 0.5, 1, l2=0.1)
    assert passes.outputs[0].tolist() == [[6, 0]]
    assert passes.loss == 0.5 * (2**2 + 5**2)
    assert passes.doutputs[0].tolist() == [[2, -5]]  # the second unit is silent: nothing goes on from there
    assert passes.gradients[0]["W"].tolist() == [[2, 0], [4, 0]]
    assert passes.gradients[0]["b"].tolist() == [2, 0]
    assert passes.gradient.tolist() == [2, 0, 4, 0, 2, 0]
    assert passes.dx is None
    assert made.gradient == pytest.approx([2.3, -0.1, 4.1, -0.1, 2, 0])
    assert made.theta == pytest.approx([1.85, -0.95, -1.05, -0.95, 0, 0])
    assert made.pull.tolist() == [0] * 6


def test_l1_stops_at_zero_and_spares_biases():
    theta, gradient, weights = np.array([0.3, -0.3, 0.01, 0.3]), np.zeros(4), np.array([1.0, 1, 1, 0])
    made = update(SGD(), theta, gradient, [], 0.5, 1, weights, l1=0.2)
    assert made.pull == pytest.approx([0.1, 0.1, 0.1, 0])
    assert made.theta == pytest.approx([0.2, -0.2, 0, 0.3])


def test_the_gradient_of_what_each_layer_puts_out():
    network = Network((Dense(4, Tanh()), LayerNorm(), Residual(3, Tanh()), Dense(3)), (2,), np.float64)
    theta, loss = network.init(Glorot(), 1), SoftmaxCrossEntropy()
    x, targets = np.random.default_rng(0).standard_normal((5, 2)), np.array([0, 1, 2, 1, 0])
    passes = backpropagate(network, loss, theta, x, targets, need_dx=True)
    for number, (outputs, doutputs) in enumerate(zip(passes.outputs, passes.doutputs, strict=True), start=1):
        if number == len(network.layers):
            numeric = numeric_gradient(lambda y: loss.value(y, targets), outputs)
        else:
            rest = Network(network.layers[number:], outputs.shape[1:], np.float64)
            numeric = numeric_gradient(
                lambda y, rest=rest: loss.value(rest.predict(y, theta[-rest.size :]), targets), outputs
            )
        np.testing.assert_allclose(doutputs, numeric, atol=1e-9)
    np.testing.assert_allclose(
        passes.dx, numeric_gradient(lambda moved: loss.value(network.predict(moved, theta), targets), x), atol=1e-9
    )


@pytest.mark.parametrize("optimiser", members("optimisers"))
def test_what_is_given_stays_as_it_is(optimiser):
    network = Network((Dense(4, Tanh()), BatchNorm(), Dense(3)), (2,))
    theta, x = network.init(Glorot(), 1), np.ones((5, 2), np.float32)
    slots = [np.full_like(theta, 0.5) for _ in optimiser.slots]
    before = [array.copy() for array in (theta, x, *slots)]
    made = step(network, SoftmaxCrossEntropy(), theta, x, np.zeros(5, int), optimiser, slots, 0.1, 1, stream(0, "x"))
    assert not same_bits(made.update.theta, theta)
    assert not same_bits(made.passes.theta, theta)  # the running statistics have moved there
    assert all(same_bits(array, old) for array, old in zip((theta, x, *slots), before, strict=True))


@pytest.mark.parametrize("layer", members("layers"))
def test_caches_are_read_by_name(layer):
    network = Network((layer,), sample_shape(layer))
    theta, x = network.init(Glorot(), 1), np.ones((3, *network.input_shape), np.float32)
    _, (cache,) = network.forward(x, network.views(theta), stream(0, "x"))
    assert cache._asdict()
    if hasattr(layer, "activation"):
        assert same_bits(cache.a, layer.activation.forward(cache.z))
        assert same_bits(cache.x, x)


def test_a_gradient_that_a_layer_forgets_to_write_is_not_a_number():
    class Forgetful(Dense):
        def backward(self, dy, cache, p, g, need_dx=True):
            return super().backward(dy, cache, p, {"W": g["W"], "b": np.zeros_like(g["b"])}, need_dx)

    network = Network((Forgetful(2),), (2,), np.float64)
    passes = backpropagate(network, MeanSquaredError(), np.ones(6), np.ones((1, 2)), np.ones((1, 2)))
    assert np.isnan(passes.gradient).tolist() == [False] * 4 + [True] * 2


@pytest.mark.parametrize("optimiser", members("optimisers"))
@pytest.mark.parametrize(
    ("layers", "exact"),
    [(LAYERS, False), ((Dense(6, Tanh()), BatchNorm(), Dropout(0.3), Dense(3)), True)],
    ids=["vectors", "mixed"],
)
def test_the_trainers_steps_are_these(layers, exact, optimiser):
    """By the plain layers to the last bit; by the fast ones but for rounding. A stack as well as one model."""
    for seed in (1, [1, 2]):
        settings = Settings(optimiser, Constant(), 0.02, 0, l1=0.001, l2=0.01)
        run = trainer(layers, settings, dtype=np.float64, weights_seed=seed, batches_seed=seed)
        x, targets = run.parts["train"]
        theta, slots = run.theta.copy(), [np.zeros_like(run.theta) for _ in optimiser.slots]
        for t in range(1, 4):
            rng = stream(1, "dropout", t - 1) if seed == 1 else Streams(seed, "dropout", t - 1)
            given = (x, targets) if seed == 1 else (np.stack([x] * 2), np.stack([targets] * 2))
            made = step(run.network, run.loss, theta, *given, optimiser, slots, 0.02, t, rng, l1=0.001, l2=0.01).update
            theta, slots = made.theta, made.slots
            run.run(steps=1)
            np.testing.assert_allclose(run.theta, theta, rtol=0, atol=1e-12)
            assert same_bits(run.theta, theta) or not exact
