"""Networks: where parameters stand in the flat array, what the penalties act on, and that nothing changes the dtype."""

import dataclasses

import numpy as np
import pytest

from nn_core.activations import Tanh
from nn_core.initialisers import He
from nn_core.layers import (
    AveragePool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    LayerNorm,
    MaxPool2D,
    Residual,
)
from nn_core.network import Network
from nn_core.random import Streams, stream
from tests.nn_core.members import members
from tests.nn_core.pictures import run_around
from tests.nn_core.runs import LAYERS, SETTINGS, same_bits, trainer
from tests.oracle.problems import dropout_stream, layer_problem


def test_views_are_windows_and_places_point_into_them():
    network = Network((Dense(4, Tanh()), Residual(3), Dense(2)), (5,))
    assert network.size == 5 * 4 + 4 + 4 * 3 + 3 + 3 * 4 + 4 * 2 + 2
    assert network.output_shape == (2,)
    theta = np.zeros((3, network.size), np.float32)
    theta[1, network.place(1, "W2", 2, 3)] = 9
    views = network.views(theta)
    assert views[1]["W2"].shape == (3, 3, 4)
    assert views[1]["W2"][1, 2, 3] == 9
    assert sum(np.count_nonzero(view) for layer in views for view in layer.values()) == 1
    views[2]["b"][0, 1] = 4
    assert theta[0, network.place(2, "b", 1)] == theta[0, -1] == 4


def test_mask_is_one_for_weights_alone():
    network = Network((Dense(4), Residual(3), Dropout(), Dense(2)), (5,))
    for layer in network.views(network.weights_mask()):
        assert {name: set(view.ravel()) for name, view in layer.items()} == {
            name: {0.0} if name == "b" else {1.0} for name in layer
        }


def test_a_change_of_one_layer_leaves_the_first_weights_of_the_others():
    run, other = trainer(), trainer((LAYERS[0], Dropout(0.1), Dense(9, Tanh()), LAYERS[3]))
    a, b = run.network.views(run.theta), other.network.views(other.theta)
    assert same_bits(a[0]["W"], b[0]["W"])
    assert not a[0]["b"].any()


@pytest.mark.parametrize("layer", members("layers"))
def test_dtype_is_kept(layer):
    for dtype in (np.float32, np.float64):
        run = run_around(layer, dtype=dtype)
        run.run(steps=2)
        network, x = run.network, run.parts["train"][0]
        for rng in (None, stream(0, "dropout")):
            params, gradient = network.views(run.theta), np.full_like(run.theta, np.nan)
            outputs, caches = network.forward(x, params, rng)
            assert run.theta.dtype == outputs.dtype == dtype
            dx = network.backward(np.ones_like(outputs), caches, params, network.views(gradient), need_dx=True)
            assert dx.dtype == dtype
            assert dx.shape == x.shape
            assert np.isfinite(gradient).all()


@pytest.mark.parametrize("layer", members("layers"))
def test_a_layer_neither_changes_what_it_is_given_nor_needs_a_sample(layer):
    x, p, dy = layer_problem(layer)
    kept = x.copy(), dy.copy()
    gradients = {name: np.empty_like(value) for name, value in p.items()}
    _, cache = layer.forward(x, p, dropout_stream())
    layer.backward(dy, cache, p, gradients)
    assert same_bits(x, kept[0])
    assert same_bits(dy, kept[1])
    outputs, _ = layer.forward(x[:0], p)  # predictions of nothing are nothing
    assert outputs.shape == (0, *layer.output_shape(x.shape[1:]))


def test_first_values_and_mask_of_a_normalised_network():
    network = Network((Conv2D(4, 3), BatchNorm(), Flatten(), LayerNorm(), Dense(3)), (5, 6, 2))
    conv, batch, _, layer, dense = network.views(network.init(He(), 1))
    assert conv["W"].shape == (3, 3, 2, 4)
    assert conv["W"].all()
    assert dense["W"].all()
    for values, first in [(batch["gamma"], 1), (batch["variance"], 1), (batch["beta"], 0), (batch["mean"], 0)]:
        assert values.tolist() == [first] * 4
    assert layer["gamma"].tolist() == [1] * 120
    assert not layer["beta"].any()
    for views in network.views(network.weights_mask()):
        assert {name: set(view.ravel()) for name, view in views.items()} == {
            name: {1.0} if name == "W" else {0.0} for name in views
        }


def test_fans_of_a_convolution():
    about = Conv2D(4, 3).parameters((5, 6, 2))
    assert (about["W"].fan_in, about["W"].fan_out) == (3 * 3 * 2, 3 * 3 * 4)
    assert not about["b"].is_weight


@pytest.mark.parametrize(
    ("layer", "differs"),
    [(Dense(), False), (Dropout(0), False), (Dropout(0.1), True), (BatchNorm(), True), (LayerNorm(), False)],
    ids=str,
)
def test_a_network_knows_whether_it_differs_in_training(layer, differs):
    network = Network((Dense(4), layer, Dense(2)), (3,), np.float64)
    assert network.differs_in_training == differs
    x, theta = np.random.default_rng(0).standard_normal((6, 3)), network.init(He(), 1)
    trained, _ = network.forward(x, network.views(theta.copy()), stream(0, "dropout"))
    assert np.array_equal(trained, network.predict(x, theta)) != differs


@pytest.mark.parametrize("layer", members("layers"))
def test_differs_in_training_holds_for_every_layer(layer):
    x, p, _ = layer_problem(layer)
    predicted, _ = layer.forward(x, p)
    trained, _ = layer.forward(x, p, dropout_stream())
    assert np.array_equal(predicted, trained) != layer.differs_in_training


@pytest.mark.parametrize(
    "layers",
    [
        (Flatten(), Dense(3)),
        (MaxPool2D(), MaxPool2D(), Flatten(), Dense(3)),
        (AveragePool2D(), Dropout(), AveragePool2D(), Flatten(), Dense(3)),
        (Conv2D(3), BatchNorm(), Flatten(), Dense(3)),
        (BatchNorm(), LayerNorm(), Flatten(), Dense(3)),
    ],
    ids=lambda layers: layers[0].label,
)
def test_pictures_that_models_share(layers):
    network = Network(layers, (9, 8, 2), np.float64)
    x = np.random.default_rng(0).standard_normal((5, 9, 8, 2))
    seeds = [1, 2, 3]

    def run(x, theta, rng):
        y, caches = network.forward(x, network.views(theta), rng)
        gradient = np.full_like(theta, np.nan)
        dy = np.broadcast_to(np.cos(np.arange(15)).reshape(5, 3), y.shape)  # the same for each model
        return y, network.backward(dy, caches, network.views(theta), network.views(gradient), need_dx=True), gradient

    theta = network.init(He(), seeds)
    alone = [run(x, row.copy(), stream(seed, "dropout")) for row, seed in zip(theta, seeds, strict=True)]
    shared = run(x, theta, Streams(seeds, "dropout"))
    for k, answers in enumerate(alone):
        for together, own in zip(shared, answers, strict=True):
            assert same_bits(together[k], own)


def test_a_network_without_parameters_predicts_too():
    network = Network((MaxPool2D(2), Flatten()), (2, 4, 1))
    x = np.array([[[1, 5, 2, 3], [4, 0, 8, 7]]], np.float32)[..., None]
    assert network.size == 0
    assert network.predict(x, network.init(He(), 1)).tolist() == [[5, 8]]


def test_a_learning_rate_of_numpys_own_kind_changes_nothing():
    plain = trainer(settings=dataclasses.replace(SETTINGS, learning_rate=0.1))
    numpys = trainer(settings=dataclasses.replace(SETTINGS, learning_rate=np.float64(0.1), batch_size=np.int64(8)))
    plain.run(steps=9)
    numpys.run(steps=9)
    assert same_bits(plain.theta, numpys.theta)
