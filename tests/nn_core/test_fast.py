"""The fast path against the plain layers: the same gradients and outputs but for rounding, alone and in a stack.

Everything that may make it go wrong is tried: every activation and layer, wide inputs, batches of one sample, layers of
one unit, changing batch sizes, products that are shared out to threads.
"""

import re

import numpy as np
import pytest

from nn_core import fast
from nn_core.activations import GELU, ReLU, Sigmoid, Tanh
from nn_core.fast import mixed, products, threads, vectors
from nn_core.fast.products import product
from nn_core.fast.updates import BLOCK, MANY, Update
from nn_core.initialisers import Glorot
from nn_core.layers import BatchNorm, Conv2D, Dense, Dropout, Flatten, LayerNorm, MaxPool2D, Residual
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.network import Network
from nn_core.optimisers import Adam
from nn_core.random import Streams, stream
from nn_core.step import backpropagate
from tests.nn_core.members import members
from tests.nn_core.runs import same_bits, trainer

SEEDS = (1, 2, 3)
WIDE = vectors.WIDE + 1
NETWORKS = {
    "classifier": ((Dense(3),), 2),
    "deep": ((Dense(16, Tanh()), Dense(7, ReLU()), Dense(5, GELU()), Dense(3)), 4),
    "residual": ((Dense(6, Sigmoid()), Residual(4, Tanh()), Residual(3, ReLU()), Dense(3)), 3),
    "residual first": ((Residual(5, Tanh()), Dense(3)), 4),
    "residual last": ((Dense(3), Residual(5, GELU())), 4),
    "dropout": ((Dense(6, Tanh()), Dropout(0.4), Residual(4, Tanh()), Dropout(0.2), Dense(3)), 3),
    "dropout at both ends": ((Dropout(0.3), Dense(5, ReLU()), Dense(3), Dropout(0.5)), 4),
    "dropout of nothing": ((Dense(5, Tanh()), Dropout(0.0), Dense(3)), 4),
    "wide": ((Dense(6, ReLU()), Dropout(0.5), Dense(3)), WIDE),
    "wide, one layer": ((Dense(3, Tanh()),), WIDE),
    "wide, residual": ((Residual(4, ReLU()), Dense(3)), WIDE),
    "bent outputs": ((Dense(4, Tanh()), Dense(3, Tanh())), 2),
    "one unit": ((Dense(1, Tanh()), Dense(3)), 1),
}


def network(name: str, dtype=np.float64) -> Network:
    layers, features = NETWORKS[name]
    return Network(layers, (features,), dtype)


def thetas(net: Network, seeds=SEEDS) -> np.ndarray:
    """First parameters of a stack, with biases that are not zero."""
    theta = net.init(Glorot(), seeds)
    return theta + 0.1 * np.random.default_rng(0).standard_normal(theta.shape).astype(net.dtype)


def batch(net: Network, loss, samples: int, models: int = len(SEEDS)):
    """x and targets of one batch for each model."""
    generator = np.random.default_rng(samples)
    x = generator.standard_normal((models, samples, *net.input_shape)).astype(net.dtype)
    if loss.task == "classes":
        return x, generator.integers(0, net.output_shape[0], (models, samples))
    return x, generator.standard_normal((models, samples, *net.output_shape)).astype(net.dtype)


def plain_gradient(net, loss, theta, x, targets, rng):
    return backpropagate(net, loss, theta, x, targets, rng).gradient


def fast_gradient(net, loss, theta, x, targets, rng):
    theta, gradient = theta.copy(), np.full_like(theta, np.nan)
    fast.engine(net, loss, theta, gradient).gradient(x, targets, rng)
    return gradient


def assert_fast_is_plain(net, loss, samples, bound):
    """One model: gradients and outputs within the bound. A stack: those of its members, to the last bit."""
    theta, (x, targets) = thetas(net), batch(net, loss, samples)
    stacked = fast_gradient(net, loss, theta, x, targets, Streams(SEEDS, "dropout", 0))
    predicted = fast.engine(net, loss, theta).predict(x[0])
    for k, seed in enumerate(SEEDS):
        alone = (net, loss, theta[k].copy(), x[k], targets[k])
        gradient = fast_gradient(*alone, stream(seed, "dropout", 0))
        np.testing.assert_allclose(gradient, plain_gradient(*alone, stream(seed, "dropout", 0)), rtol=0, atol=bound)
        assert same_bits(stacked[k], gradient)
        outputs = fast.engine(net, loss, alone[2]).predict(x[0])
        np.testing.assert_allclose(outputs, net.predict(x[0], alone[2]), rtol=0, atol=bound)
        assert same_bits(np.ascontiguousarray(predicted[k]), np.ascontiguousarray(outputs))


@pytest.mark.parametrize("samples", [1, 2, 7, 32])
@pytest.mark.parametrize(("dtype", "bound"), [(np.float64, 1e-13), (np.float32, 1e-5)], ids=["float64", "float32"])
@pytest.mark.parametrize("name", NETWORKS)
def test_networks(name, dtype, bound, samples):
    assert_fast_is_plain(network(name, dtype), SoftmaxCrossEntropy(), samples, bound)


@pytest.mark.parametrize("activation", members("activations"))
def test_every_activation(activation):
    net = Network((Dense(5, activation), Residual(4, activation), Dense(3, activation)), (2,), np.float64)
    assert_fast_is_plain(net, SoftmaxCrossEntropy(), 9, 1e-12)


@pytest.mark.parametrize("loss", members("losses"))
@pytest.mark.parametrize("outputs", [1, 3])
def test_every_loss(loss, outputs):
    net = Network((Dense(5, Tanh()), Dense(outputs)), (2,), np.float64)
    assert_fast_is_plain(net, loss, 9, 1e-13)


def test_large_arrays_take_other_ways():
    # More samples than vectors.LONGEST, a product above products.LARGE.
    net = Network((Dense(96, ReLU()), Dense(3)), (600,), np.float64)
    samples = 2 * vectors.LONGEST + 300
    assert net.input_shape[0] * 96 * 300 > products.LARGE
    assert net.size * samples > vectors.LARGE
    assert_fast_is_plain(net, SoftmaxCrossEntropy(), samples, 1e-12)


def test_batch_sizes_may_change_and_come_back():
    net, loss = network("deep"), SoftmaxCrossEntropy()
    theta = thetas(net)[0]
    gradient = np.zeros_like(theta)
    engine = fast.engine(net, loss, theta, gradient)
    for samples in [*range(1, 2 * vectors.PLANS), 1, 5, 3]:
        x, targets = batch(net, loss, samples, 1)
        engine.gradient(x[0], targets[0])
        engine.predict(x[0])
        assert same_bits(gradient, fast_gradient(net, loss, theta, x[0], targets[0], None))


def test_outputs_stay_as_they_were_given():
    net, loss = network("deep"), SoftmaxCrossEntropy()
    engine = fast.engine(net, loss, thetas(net)[0])
    x, _ = batch(net, loss, 6, 2)
    first = engine.predict(x[0])
    before = first.copy()
    engine.predict(x[1])
    assert same_bits(first, before)


def test_inputs_are_not_changed():
    for name in ("deep", "wide"):
        net, loss = network(name), SoftmaxCrossEntropy()
        x, targets = batch(net, loss, 6, 1)
        before = x.copy()
        fast_gradient(net, loss, thetas(net)[0], x[0], targets[0], stream(0, "dropout", 0))
        assert same_bits(x, before)


@pytest.mark.parametrize("shape", [(1, 5, 4), (3, 1, 4), (3, 5, 1), (1, 1, 1), (17, 16, 32), (2, 40, 3)])
def test_a_product_rounds_alike_alone_and_in_a_stack(shape):
    n, k, m = shape
    generator = np.random.default_rng(0)
    a, b = generator.standard_normal((3, n, k)), generator.standard_normal((3, k, m))
    out = np.empty((3, n, m))
    product(a, b, out)(a, b, out=out)
    for one in range(3):
        alone = np.empty((n, m))
        product(a[one], b[one], alone)(a[one], b[one], out=alone)
        assert same_bits(alone, out[one])


@pytest.mark.parametrize("lead", [(), (2,)])
def test_a_large_product_is_cut_into_halves(lead, monkeypatch):
    monkeypatch.setattr(products, "LARGE", 1)
    generator = np.random.default_rng(0)
    a, b = generator.standard_normal((*lead, 7, 5)), generator.standard_normal((5, 4))
    out = np.empty((*lead, 7, 4))
    way = product(a, b, out)
    assert way not in (np.dot, np.matmul)
    way(a, b, out=out)
    np.testing.assert_allclose(out, a @ b, rtol=1e-14)


def test_a_large_batch_is_gathered_by_two_threads(monkeypatch):
    monkeypatch.setattr(products, "LONG", 1)
    x, rows = np.random.default_rng(0).standard_normal((50, 8)), np.random.default_rng(1).permutation(50)[:31]
    np.testing.assert_array_equal(products.take(x, rows, np.empty((31, 8))), x[rows])


@pytest.mark.parametrize("shape", [(BLOCK * MANY + 11,), (3, BLOCK + 5), (40, 5000), (7,)], ids=str)
def test_blocks_update_as_one_array_would(shape):
    generator = np.random.default_rng(0)
    weights = (np.arange(shape[-1]) % 5 > 0).astype(float)
    weights[: 2 * BLOCK] = 1  # whole blocks of weights, which need no mask
    rate = np.float64(0.1) if len(shape) == 1 else np.linspace(0.1, 0.3, shape[0])[:, None]
    optimiser, theta, gradient = Adam(), generator.standard_normal(shape), generator.standard_normal(shape)
    slots = [np.zeros(shape) for _ in optimiser.slots]
    expected, expected_slots = theta.copy(), [slot.copy() for slot in slots]
    penalised = gradient + 0.5 * (weights * theta)
    optimiser.update(expected, penalised, expected_slots, rate, 1, weights)
    pull = weights * optimiser.pull(0.01, expected_slots, rate, 1)
    expected -= np.clip(expected, -pull, pull)
    Update(theta, gradient, slots, weights)(optimiser, rate, 1, l1=np.asarray(0.01), l2=np.asarray(0.5))
    assert same_bits(theta, expected)
    assert all(map(same_bits, slots, expected_slots))


def test_the_two_halves_do_not_depend_on_the_cores(monkeypatch):
    net, loss = Network((Dense(96, ReLU()), Dense(3)), (600,), np.float32), SoftmaxCrossEntropy()
    theta, (x, targets) = thetas(net)[0], batch(net, loss, 2 * vectors.LONGEST + 300, 1)
    found = []
    for cores in (1, 2):
        monkeypatch.setattr(threads, "_cores", cores)
        engine = fast.engine(net, loss, theta)
        found.append((fast_gradient(net, loss, theta, x[0], targets[0], None), engine.predict(x[0])))
    assert same_bits(found[0][0], found[1][0])
    assert same_bits(np.ascontiguousarray(found[0][1]), np.ascontiguousarray(found[1][1]))


@pytest.mark.parametrize(
    ("layers", "shape", "kind"),
    [
        (NETWORKS["residual"][0], (3,), fast.Vectors),
        ((Dense(4, Tanh()), BatchNorm(), Dense(3)), (3,), fast.Mixed),
        ((Dense(4, Tanh()), LayerNorm(), Dropout(0.4), Dense(3)), (3,), fast.Mixed),
        ((Conv2D(4, activation=ReLU()), MaxPool2D(), Flatten(), Dense(3)), (5, 4, 2), fast.Mixed),
        ((Dropout(0.5),), (3,), fast.Mixed),
    ],
    ids=["vectors", "batch norm", "layer norm", "pictures", "no parameters"],
)
def test_every_network_has_an_engine(layers, shape, kind):
    net = Network(layers, shape, np.float64)
    assert type(fast.engine(net, SoftmaxCrossEntropy(), thetas(net))) is kind
    assert_fast_is_plain(net, SoftmaxCrossEntropy(), 9, 1e-12)


def test_vectors_with_normalisation_are_predicted_in_blocks():
    net = Network((Dense(4, Tanh()), LayerNorm(), Dense(3)), (2,), np.float64)
    theta, (x, _) = thetas(net), batch(net, SoftmaxCrossEntropy(), mixed.BLOCK + 9)
    outputs = fast.engine(net, SoftmaxCrossEntropy(), theta).predict(x)
    np.testing.assert_allclose(outputs, net.predict(x, theta), rtol=0, atol=1e-13)


@pytest.mark.parametrize(
    ("x", "sentence"),
    [
        (np.zeros((4, 2)), "x is float64, the network float32; use one dtype for both."),
        (np.zeros((4, 3), np.float32), "x has the shape (4, 3); the network takes (samples, 2)."),
        (np.zeros(2, np.float32), "x has the shape (2,); the network takes (samples, 2)."),
    ],
    ids=["dtype", "features", "no samples"],
)
def test_a_trainer_says_what_it_cannot_predict(x, sentence):
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        trainer().predict(x)
