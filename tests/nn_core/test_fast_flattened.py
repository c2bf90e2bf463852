"""Dense layers on pictures: the very numbers of the same layers on flat vectors, and which engine runs what."""

import dataclasses

import numpy as np
import pytest

from nn_core import fast
from nn_core.activations import ReLU, Tanh
from nn_core.layers import BatchNorm, Conv2D, Dense, Dropout, Flatten, Residual
from nn_core.losses import MeanSquaredError, SoftmaxCrossEntropy
from nn_core.network import Network
from nn_core.random import Streams, stream
from nn_core.step import backpropagate
from nn_core.trainer import Trainer
from tests.nn_core.runs import SETTINGS, assert_same_run, same_bits

SEEDS = (1, 2, 3)
LAYERS = {
    "one layer": (Dense(3),),
    "deep": (Dense(16, Tanh()), Dense(7, ReLU()), Dense(3)),
    "dropout": (Dense(6, Tanh()), Dropout(0.4), Dense(3)),
    "dropout first": (Dropout(0.3), Dense(5, ReLU()), Dense(3)),
    "residual": (Residual(4, Tanh()), Dropout(0.2), Dense(6, ReLU()), Residual(3, ReLU()), Dense(3)),
}
PICTURES = {"narrow": (4, 5, 1), "wide": (9, 8, 2), "one pixel": (1, 1, 3)}


def pair(name: str, shape, dtype=np.float64):
    """The network on pictures, and the same on vectors."""
    flat = (int(np.prod(shape)),)
    return Network((Flatten(), *LAYERS[name]), shape, dtype), Network(LAYERS[name], flat, dtype)


def thetas(network: Network) -> np.ndarray:
    """Parameters of a stack, with biases that are not zero."""
    generator = np.random.default_rng(0)
    return generator.normal(0, 0.5, (len(SEEDS), network.size)).astype(network.dtype)


def batch(network: Network, samples: int, models: int = len(SEEDS)):
    generator = np.random.default_rng(samples)
    x = generator.standard_normal((models, samples, *network.input_shape)).astype(network.dtype)
    return x, generator.integers(0, 3, (models, samples))


def gradient(network, theta, x, targets, rng, loss=SoftmaxCrossEntropy()):
    found = np.full_like(theta, np.nan)
    fast.engine(network, loss, theta, found).gradient(x, targets, rng)
    return found


def flat(x):
    return x.reshape(*x.shape[:-3], -1)


@pytest.mark.parametrize("samples", [1, 2, 7, 32])
@pytest.mark.parametrize("shape", PICTURES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", LAYERS)
def test_gradients_and_outputs(name, dtype, shape, samples):
    on_pictures, on_vectors = pair(name, PICTURES[shape], dtype)
    assert on_pictures.size == on_vectors.size
    theta, (x, targets) = thetas(on_pictures), batch(on_pictures, samples)
    found = gradient(on_pictures, theta, x, targets, Streams(SEEDS, "dropout", 0))
    assert np.isfinite(found).all()
    assert found.any(axis=1).all()
    assert same_bits(found, gradient(on_vectors, theta, flat(x), targets, Streams(SEEDS, "dropout", 0)))
    engines = [fast.engine(network, SoftmaxCrossEntropy(), theta) for network in (on_pictures, on_vectors)]
    for given in (x, x[0]):  # samples of each model, and such as they share
        outputs, expected = engines[0].predict(given), engines[1].predict(flat(given))
        assert outputs.shape == (len(SEEDS), samples, 3)
        assert same_bits(outputs, expected)
    for k, seed in enumerate(SEEDS):
        alone = gradient(on_pictures, theta[k].copy(), x[k], targets[k], stream(seed, "dropout", 0))
        assert same_bits(alone, found[k])
        engine = fast.engine(on_pictures, SoftmaxCrossEntropy(), theta[k].copy())
        assert same_bits(engine.predict(x[k]), engines[0].predict(x)[k])


@pytest.mark.parametrize("name", LAYERS)
def test_against_the_plain_layers(name):
    network, _ = pair(name, PICTURES["wide"])
    theta, (x, targets) = thetas(network)[0], batch(network, 9, 1)
    expected = backpropagate(network, SoftmaxCrossEntropy(), theta, x[0], targets[0], stream(1, "dropout", 0)).gradient
    found = gradient(network, theta, x[0], targets[0], stream(1, "dropout", 0))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)
    predicted = fast.engine(network, SoftmaxCrossEntropy(), theta).predict(x[0])
    np.testing.assert_allclose(predicted, network.predict(x[0], theta), rtol=0, atol=1e-13)


def test_values_too():
    on_pictures, on_vectors = pair("deep", PICTURES["wide"])
    theta, (x, _) = thetas(on_pictures), batch(on_pictures, 6)
    targets = np.random.default_rng(0).standard_normal((len(SEEDS), 6, 3))
    found = gradient(on_pictures, theta, x, targets, None, MeanSquaredError())
    assert same_bits(found, gradient(on_vectors, theta, flat(x), targets, None, MeanSquaredError()))


def test_pictures_that_do_not_lie_in_a_row():
    network, _ = pair("deep", (9, 8, 2))
    theta, (x, targets) = thetas(network)[0], batch(network, 6, 1)
    turned = np.asfortranarray(x[0])
    assert not turned.flags.c_contiguous
    assert same_bits(
        gradient(network, theta, turned, targets[0], None), gradient(network, theta, x[0], targets[0], None)
    )
    engine = fast.engine(network, SoftmaxCrossEntropy(), theta)
    assert same_bits(engine.predict(x[0, ::2, :, ::-1]), engine.predict(np.ascontiguousarray(x[0, ::2, :, ::-1])))


def test_pictures_are_not_changed():
    network, _ = pair("dropout first", (9, 8, 2))
    theta, (x, targets) = thetas(network)[0], batch(network, 6, 1)
    x.flags.writeable = False
    before = x.copy()
    gradient(network, theta, x[0], targets[0], stream(0, "dropout", 0))
    fast.engine(network, SoftmaxCrossEntropy(), theta).predict(x[0])
    assert same_bits(x, before)


@pytest.mark.parametrize("seeds", [4, [4, 5]], ids=["one", "stack"])
@pytest.mark.parametrize("shape", ["narrow", "wide"])
def test_whole_runs(seeds, shape):
    generator = np.random.default_rng(0)
    x = generator.standard_normal((37, *PICTURES[shape])).astype(np.float32)
    targets = generator.integers(0, 3, 37)
    on_pictures, on_vectors = pair("dropout", PICTURES[shape], np.float32)
    # A layer's first weights depend on its number: a Dropout that does nothing keeps the numbers as they are.
    on_vectors = Network((Dropout(0.0), *on_vectors.layers), on_vectors.input_shape)
    kwargs = {"weights_seed": seeds, "batches_seed": seeds}
    runs = [
        Trainer(network, {"train": (given, targets)}, SoftmaxCrossEntropy(), SETTINGS, **kwargs)
        for network, given in ((on_pictures, x), (on_vectors, flat(x)))
    ]
    for run in runs:
        run.run(steps=17)
    assert_same_run(*runs)
    before = runs[0].theta.copy()
    runs[0].settings = dataclasses.replace(SETTINGS, learning_rate=0.0, l1=0.0, l2=0.0)
    runs[0].run(steps=1)
    assert same_bits(runs[0].theta, before)


@pytest.mark.parametrize(
    ("layers", "kind"),
    [
        ((Flatten(), Dense(3)), fast.Flattened),
        ((Flatten(), Dropout(0.5), Residual(4), Dense(3)), fast.Flattened),
        ((Conv2D(2), Flatten(), Dense(3)), fast.Mixed),
        ((Flatten(), Dense(4), BatchNorm(), Dense(3)), fast.Mixed),
        ((Dropout(0.5), Flatten(), Dense(3)), fast.Mixed),
        ((Flatten(), Dropout(0.5)), fast.Mixed),
        ((Flatten(),), fast.Mixed),
    ],
    ids=["dense", "dropout, residual", "convolution", "batch norm", "dropout before", "no parameters", "flatten alone"],
)
@pytest.mark.parametrize("models", [None, 2])
def test_which_engine_runs_it(layers, kind, models):
    network = Network(layers, (4, 5, 2), np.float64)
    theta = np.abs(thetas(network)[:models] if models else thetas(network)[0])  # a variance is never below zero
    engine = fast.engine(network, SoftmaxCrossEntropy(), theta)
    assert type(engine) is kind
    assert engine.is_costly == (kind is fast.Mixed)
    x = np.random.default_rng(0).standard_normal((6, 4, 5, 2))
    found, expected = engine.predict(x), network.predict(x, theta)
    assert found.shape == ((models,) if models else ()) + (6, *network.output_shape)
    np.testing.assert_allclose(found, np.broadcast_to(expected, found.shape), rtol=0, atol=1e-13)
