"""BatchNorm and LayerNorm against numbers that were worked out by hand.

An epsilon of 0.44 makes the spread of 1 and 3, whose variance is 1, exactly 1.2.
"""

import numpy as np
import pytest

from nn_core.layers import BatchNorm, LayerNorm
from nn_core.random import stream

X = np.array([[1.0, 2], [3, 2]])  # the second channel is constant
RNG = stream(0, "training")  # normalisation draws nothing from it


def fresh(layer, channels=2, dtype=np.float64):
    """The layer's parameters with their first values."""
    return {name: np.full(about.shape, about.start, dtype) for name, about in layer.parameters((channels,)).items()}


def test_batch_norm_of_a_batch():
    layer = BatchNorm(epsilon=0.44)
    p = fresh(layer) | {"gamma": np.array([6.0, 5]), "beta": np.array([10.0, 7])}
    y, _ = layer.forward(X, p, RNG)
    assert np.allclose(y, [[10 - 6 / 1.2, 7], [10 + 6 / 1.2, 7]], rtol=0, atol=1e-14)


def test_batch_norm_of_pictures_is_over_samples_and_positions():
    layer = BatchNorm(epsilon=0.44)
    y, _ = layer.forward(np.array([1.0, 3, 3, 1]).reshape(1, 2, 2, 1), p := fresh(layer, 1), RNG)
    assert np.allclose(y.ravel(), [-1 / 1.2, 1 / 1.2, 1 / 1.2, -1 / 1.2], rtol=0, atol=1e-15)
    assert p["variance"][0] == pytest.approx(0.9 + 0.1 * 4 / 3)  # four positions: 4 / (4 - 1) of the variance 1
    y, _ = layer.forward(np.array([1.0, 3, 3, 1]).reshape(2, 2, 1, 1), fresh(layer, 1), RNG)
    assert np.allclose(y.ravel(), [-1 / 1.2, 1 / 1.2, 1 / 1.2, -1 / 1.2], rtol=0, atol=1e-15)


def test_running_statistics_after_two_batches_and_predictions_with_them():
    layer = BatchNorm(momentum=0.1, epsilon=0.25)
    p = fresh(layer)
    layer.forward(X, p, RNG)
    # Means 2 and 2; variances 1 and 0, unbiased 2 and 0; the new ones weigh a tenth, the old were 0 and 1.
    assert np.allclose(p["mean"], [0.2, 0.2], rtol=0, atol=1e-15)
    assert np.allclose(p["variance"], [0.9 + 0.2, 0.9], rtol=0, atol=1e-15)
    layer.forward(np.array([[5.0, 2], [9, 2]]), p, RNG)
    # Means 7 and 2; unbiased variances 8 and 0.
    assert np.allclose(p["mean"], [0.18 + 0.7, 0.18 + 0.2], rtol=0, atol=1e-15)
    assert np.allclose(p["variance"], [0.99 + 0.8, 0.81], rtol=0, atol=1e-15)
    before = {name: value.copy() for name, value in p.items()}
    y, _ = layer.forward(np.array([[0.88, 1.38]]), p)
    assert np.allclose(y, [[0, 1 / np.sqrt(0.81 + 0.25)]], rtol=0, atol=1e-15)
    assert all(np.array_equal(p[name], before[name]) for name in p)  # a prediction moves nothing


@pytest.mark.parametrize(("momentum", "mean", "variance"), [(0, 0, 1), (1, 2, 2)])
def test_momentum_from_never_to_the_last_batch_alone(momentum, mean, variance):
    layer = BatchNorm(momentum=momentum)
    p = fresh(layer, 1)
    layer.forward(X[:, :1], p, RNG)
    assert (p["mean"].item(), p["variance"].item()) == (mean, variance)


def test_gradients_of_batch_norm():
    layer = BatchNorm(epsilon=0.44)
    p = fresh(layer)
    g = {name: np.full_like(value, np.nan) for name, value in p.items()}
    _, cache = layer.forward(X, p, RNG)
    dx = layer.backward(np.array([[1.0, 1], [0, 0]]), cache, p, g)
    assert g["beta"].tolist() == [1, 1]
    assert np.allclose(g["gamma"], [-1 / 1.2, 0], rtol=0, atol=1e-15)
    assert g["mean"].tolist() == g["variance"].tolist() == [0, 0]
    # (1, 0) less its mean is (.5, -.5); of that the part along (-1, 1) / 1.2 is .5 / 1.44; a constant channel loses
    # its mean alone, and is divided by sqrt(.44).
    left = 0.5 * (1 - 1 / 1.44) / 1.2
    assert np.allclose(dx, [[left, 0.5 / 0.44**0.5], [-left, -0.5 / 0.44**0.5]], rtol=0, atol=1e-14)
    _, cache = layer.forward(X, p)  # predicting, each number goes its own way
    dx = layer.backward(np.array([[1.0, 1], [0, 0]]), cache, p, g)
    assert np.allclose(dx, [[1, 1], [0, 0]] / np.sqrt(p["variance"] + 0.44), rtol=0, atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_batch_of_one_puts_out_beta_and_no_nan(dtype):
    layer = BatchNorm()
    p = fresh(layer, dtype=dtype) | {"beta": np.array([3, -4], dtype)}
    g = {name: np.full_like(value, np.nan) for name, value in p.items()}
    y, cache = layer.forward(X[:1].astype(dtype), p, RNG)
    assert y.tolist() == [[3, -4]]
    assert layer.backward(np.ones((1, 2), dtype), cache, p, g).tolist() == [[0, 0]]
    assert g["gamma"].tolist() == [0, 0]
    assert np.allclose(p["variance"], 0.9)
    assert np.allclose(p["mean"], [0.1, 0.2])
    assert {value.dtype for value in [y, *p.values(), *g.values()]} == {np.dtype(dtype)}


def test_layer_norm_of_each_row():
    layer = LayerNorm(epsilon=0.44)
    p = {"gamma": np.array([6.0, 5]), "beta": np.array([10.0, 7])}
    y, cache = layer.forward(np.array([[1.0, 3], [8, 6], [2, 2]]), p)
    assert np.allclose(y, [[10 - 6 / 1.2, 7 + 5 / 1.2], [10 + 6 / 1.2, 7 - 5 / 1.2], [10, 7]], rtol=0, atol=1e-14)
    g = {name: np.full_like(value, np.nan) for name, value in p.items()}
    dx = layer.backward(np.array([[1.0, 0], [0, 0], [0, 0]]), cache, p, g)
    left = 6 * 0.5 * (1 - 1 / 1.44) / 1.2  # as for BatchNorm, with gamma = 6
    assert np.allclose(dx, [[left, -left], [0, 0], [0, 0]], rtol=0, atol=1e-14)
    assert np.allclose(g["gamma"], [-1 / 1.2, 0], rtol=0, atol=1e-15)
    assert g["beta"].tolist() == [1, 0]


def test_layer_norm_of_pictures_is_over_the_channels_of_each_pixel():
    layer = LayerNorm(epsilon=0.44)
    x = np.array([[1.0, 3], [30, 28], [5, 5], [7, 9]]).reshape(1, 2, 2, 2)
    y, _ = layer.forward(x, fresh(layer))
    assert np.allclose(y.reshape(4, 2) * 1.2, [[-1, 1], [1, -1], [0, 0], [-1, 1]], rtol=0, atol=1e-14)


def test_layer_norm_of_a_single_channel_is_beta():
    layer = LayerNorm()
    y, _ = layer.forward(np.array([[3.0], [-8]]), {"gamma": np.array([2.0]), "beta": np.array([4.0])})
    assert y.tolist() == [[4], [4]]
