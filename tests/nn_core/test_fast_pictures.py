"""The fast path for pictures gives the numbers of the plain layers, for any layer, batch and number of cores."""

import tracemalloc
from itertools import product

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from nn_core.activations import ACTIVATIONS, GELU, ReLU, Softplus, Tanh
from nn_core.fast import im2col, pictures, planes, threads, winograd
from nn_core.fast.buffers import Buffers
from nn_core.fast.pictures import Pictures
from nn_core.initialisers import Glorot
from nn_core.layers import AveragePool2D, BatchNorm, Conv2D, Dense, Dropout, Flatten, LayerNorm, MaxPool2D
from nn_core.network import Network
from tests.nn_core.runs import is_one_sentence, same_bits

SHAPES = ((12, 12, 1), (9, 7, 3), (6, 5, 8), (5, 11, 32))
CONV_NET = (
    Conv2D(32, 5, 1, "same", ReLU()),
    MaxPool2D(2),
    Conv2D(64, 5, 1, "same", ReLU()),
    MaxPool2D(2),
    Flatten(),
    Dense(1024, ReLU()),
    Dense(10),
)


@pytest.fixture(autouse=True)
def one_blas_thread():
    """As around every training: two threads here and two in each product would wait for each other."""
    with threadpool_limits(1):
        yield


def made(layers, shape, dtype=np.float64, seed=0):
    """A network and parameters for it, whose biases are not zero."""
    network = Network(layers, shape, dtype)
    theta = network.init(Glorot(), seed)
    noise = np.random.default_rng(seed).standard_normal(theta.shape).astype(dtype)
    return network, theta + dtype(0.1) * noise * (network.weights_mask() == 0)


def batch(shape, size, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).standard_normal((size, *shape)).astype(dtype)


def passes(forward, backward, network, theta, x, rng=None):
    """Outputs, gradient of the input and of every parameter by name, for a fixed gradient of the outputs."""
    theta, gradient = theta.copy(), np.full_like(theta, 7)
    params = network.views(theta)
    outputs, caches = forward(x, params, rng)
    dy = np.random.default_rng(1).standard_normal(outputs.shape).astype(x.dtype)
    dx = backward(dy, caches, params, network.views(gradient), need_dx=True)
    named = {f"{i} {name}": g for i, g in enumerate(network.views(gradient)) for name, g in g.items()}
    return {"outputs": outputs, "dx": dx, "theta": theta, **named}


def worst(network, fast, theta, x, seed=None):
    """The largest error of the fast path's numbers, relative to the largest number of each array."""
    rngs = [None if seed is None else np.random.default_rng(seed) for _ in range(2)]
    plain = passes(network.forward, network.backward, network, theta, x, rngs[0])
    ours = passes(fast.forward, fast.backward, network, theta, x, rngs[1])
    for name, value in plain.items():
        assert ours[name].shape == value.shape
        assert ours[name].dtype == value.dtype
    errors = [np.abs(ours[name] - value).max() / (np.abs(value).max() or 1) for name, value in plain.items()]
    return np.max(errors)  # NaN, if one of them is


@pytest.mark.parametrize("kernel", winograd.KERNELS)
def test_winograd_is_a_correlation(kernel):
    A, B, G = winograd.matrices(winograd.TILE, kernel)
    for d, g in product(np.eye(winograd.TILE + kernel - 1), np.eye(kernel)):
        np.testing.assert_allclose(A.T @ ((G @ g) * (B.T @ d)), np.correlate(d, g), atol=1e-14)
    assert same_bits(A, A.astype(np.float32).astype(A.dtype))
    assert same_bits(B, B.astype(np.float32).astype(B.dtype))


@pytest.mark.parametrize("pool", [None, MaxPool2D(2), MaxPool2D(2, 1), MaxPool2D(3, 2)])
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("shape", SHAPES)
def test_convolution_and_pool(shape, kernel, stride, padding, pool):
    convolution = Conv2D(4, kernel, stride, padding, ReLU())
    fits = pool is None or min(convolution.output_shape(shape)[:2]) >= pool.size
    layers = (convolution, pool) if pool and fits else (convolution,)
    network, theta = made(layers, shape)
    fast = Pictures(network)
    for size in (3, 1, 4):  # one object: its arrays must do for smaller and for larger batches
        assert worst(network, fast, theta, batch(shape, size, seed=size)) < 1e-12


@pytest.mark.parametrize("channels", [1, 8])
@pytest.mark.parametrize("pools", [True, False])
@pytest.mark.parametrize("activation", [kind() for kind in ACTIVATIONS.values()])
def test_every_activation(activation, pools, channels):
    layers = (Conv2D(5, 3, 1, "same", activation), MaxPool2D(2))[: 1 + pools]
    network, theta = made(layers, (7, 6, channels))
    assert worst(network, Pictures(network), theta, batch((7, 6, channels), 5)) < 1e-12


@pytest.mark.parametrize("kind", ACTIVATIONS.values())
def test_only_activations_that_never_fall_wait_for_the_pool(kind):
    rises = bool((np.diff(kind().forward(np.linspace(-9, 9, 1001))) >= 0).all())
    assert rises == (kind in planes.RISING)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("kernel", "shape"), [*product(winograd.KERNELS, SHAPES[2:]), (5, SHAPES[0]), (3, SHAPES[1])])
def test_single_precision(kernel, shape, seed):
    smooth, theta = made((Conv2D(16, kernel, 1, "same", Tanh()),), shape, np.float32, seed)
    x = batch(shape, 8, np.float32, seed)
    assert worst(smooth, Pictures(smooth), theta, x) < 1e-5
    # With a pool, only where no two sums of a window, and no sum and zero, are so near that rounding chooses.
    sums = Network((Conv2D(16, kernel, 1, "same"),), shape, np.float64)
    z = sums.predict(x.astype(np.float64), theta.astype(np.float64))
    four = np.sort(np.stack(planes.planes(z, 2)), axis=0)
    clear = ((four[3] - four[2] > 1e-4) & (abs(four[3]) > 1e-4)).all(axis=(1, 2, 3))
    assert clear.sum() >= 2
    network = Network((Conv2D(16, kernel, 1, "same", ReLU()), MaxPool2D(2)), shape, np.float32)
    assert worst(network, Pictures(network), theta, x[clear]) < 1e-5


def test_conv_net():
    network, theta = made(CONV_NET, (20, 20, 1))
    fast = Pictures(network)
    kinds = [type(unit).__name__ for unit in fast._units]
    assert kinds == ["Convolution", "Convolution", "Plain", "WideDense", "Plain"]
    for size in (64, 3):
        assert worst(network, fast, theta, batch((20, 20, 1), size)) < 1e-12


def test_layers_without_a_fast_version_take_their_turn():
    layers = (
        Conv2D(6, 5, 1, "valid", Tanh()),
        AveragePool2D(2),
        BatchNorm(),
        Dropout(0.3),
        Conv2D(4, 3, 1, "same", GELU()),
        MaxPool2D(2),
        LayerNorm(),
        Flatten(),
        Dense(3),
    )
    network, theta = made(layers, (14, 15, 3))
    for seed in (None, 5):  # predicting, and training with the same draws of dropout
        assert worst(network, Pictures(network), theta, batch((14, 15, 3), 9), seed) < 1e-12


@pytest.mark.parametrize("shape", [(8, 9, 1), (8, 9, 8)])
@pytest.mark.parametrize("stride", [1, 2])
def test_in_many_blocks(shape, stride, monkeypatch):
    monkeypatch.setattr(im2col, "NUMBERS", 1)
    monkeypatch.setattr(winograd, "NUMBERS", 1)
    monkeypatch.setattr(winograd, "PIXELS", 1)
    network, theta = made((Conv2D(4, 3, stride, "same", Softplus()), MaxPool2D(2)), shape)
    fast = Pictures(network)
    assert fast._units[0]._workers[0].sums.block == 1
    for size in (11, 6):
        assert worst(network, fast, theta, batch(shape, size)) < 1e-12


@pytest.mark.parametrize("bias", [1.0, -200.0])
def test_among_equals_the_first_wins(bias):
    """Sums of whole numbers are not rounded, so that ties are ties; a gradient that went elsewhere would stand out."""
    network = Network((Conv2D(3, 3, 1, "same", ReLU()), MaxPool2D(2)), (8, 8, 1), np.float32)
    generator = np.random.default_rng(0)
    theta = generator.integers(-1, 2, network.size).astype(np.float32)
    network.views(theta)[0]["b"][...] = bias
    x = generator.integers(0, 2, (6, 8, 8, 1)).astype(np.float32)
    x[:3, :, 3:] = 0  # the empty part of a picture, where all windows see the same
    fast = Pictures(network)
    plain = passes(network.forward, network.backward, network, theta, x)
    ours = passes(fast.forward, fast.backward, network, theta, x)
    np.testing.assert_array_equal(ours["outputs"], plain["outputs"])
    for name in ("dx", "0 W", "0 b"):
        np.testing.assert_allclose(ours[name], plain[name], atol=1e-4)
    assert plain["dx"].any() == (bias > 0)


@pytest.mark.parametrize("kernel", winograd.KERNELS)
def test_equals_that_round_differently_do_not_change_the_kernels_gradient(kernel):
    """Windows that see the same tie; Winograd's sums of them may differ in the last bit, but any of them will do."""
    network, theta = made((Conv2D(6, kernel, 1, "valid", ReLU()), MaxPool2D(2)), (12, 12, 8), np.float32)
    x = np.broadcast_to(batch((1, 1, 8), 4, np.float32), (4, 12, 12, 8)).copy()
    fast = Pictures(network)
    plain = passes(network.forward, network.backward, network, theta, x)
    ours = passes(fast.forward, fast.backward, network, theta, x)
    for name in ("outputs", "0 W", "0 b"):
        assert np.abs(ours[name] - plain[name]).max() < 1e-5 * np.abs(plain[name]).max()


def test_predicts_any_number_of_pictures_in_bounded_memory():
    network, theta = made((*CONV_NET[:2], Flatten(), Dense(3)), (16, 16, 1), np.float32)
    params = network.views(theta)
    x = batch((16, 16, 1), 1000, np.float32)
    peaks = []
    for size in (pictures.BLOCK, len(x)):
        fast = Pictures(network)
        tracemalloc.start()
        outputs = fast.predict(x[:size], params)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        plain = network.predict(x[:size], theta)
        assert np.abs(outputs - plain).max() < 1e-5 * np.abs(plain).max()
    assert peaks[1] < 1.1 * peaks[0]


def test_same_bits_on_one_core_and_beside_another_network(monkeypatch):
    network, theta = made(CONV_NET, (12, 12, 1), np.float32)
    x, other = batch((12, 12, 1), 21, np.float32), batch((12, 12, 1), 30, np.float32, 1)
    monkeypatch.setattr(threads, "_cores", 2)
    first = Pictures(network)
    second = Pictures(network)

    def forward(*args):
        made = first.forward(*args)
        second.forward(other, *args[1:])  # must not touch what the first has kept
        return made

    two = passes(forward, first.backward, network, theta, x)
    monkeypatch.setattr(threads, "_cores", 1)
    one = passes(second.forward, second.backward, network, theta, x)
    assert all(same_bits(one[name], two[name]) for name in two)


def test_buffers_of_one_name_share_their_room():
    buffers = Buffers(np.float32)
    small = buffers.take("a", (2, 3))
    large = buffers.take("a", (4, 3))
    assert not large.any()
    assert buffers.take("a", (4, 3)) is large
    assert np.shares_memory(buffers.take("a", (2, 3)), large)
    assert not np.shares_memory(buffers.take("b", (2, 3)), large)
    assert small.shape == (2, 3)


def test_outputs_are_the_callers():
    network, theta = made((Conv2D(4, 3),), (6, 6, 1))
    fast, params = Pictures(network), network.views(theta)
    outputs, caches = fast.forward(batch((6, 6, 1), 2), params)
    dx = fast.backward(outputs, caches, params, network.views(theta.copy()), need_dx=True)
    before = outputs.copy(), dx.copy()
    _, caches = fast.forward(batch((6, 6, 1), 2, seed=1), params)
    fast.backward(2 * outputs, caches, params, network.views(theta.copy()), need_dx=True)
    assert same_bits(outputs, before[0])
    assert same_bits(dx, before[1])


def test_stacks_take_the_plain_layers():
    network, _ = made((Conv2D(4, 3, activation=ReLU()), MaxPool2D(2), Flatten(), Dense(2)), (6, 6, 1))
    theta = network.init(Glorot(), [0, 1])
    x = batch((6, 6, 1), 5)
    fast = Pictures(network)
    plain = passes(network.forward, network.backward, network, theta, x)
    ours = passes(fast.forward, fast.backward, network, theta, x)
    assert all(same_bits(ours[name], plain[name]) for name in plain)
    assert same_bits(fast.predict(x, network.views(theta)), plain["outputs"])


@pytest.mark.parametrize("x", [batch((6, 7, 1), 2), batch((6, 6, 1), 2, np.float32)])
def test_foreign_pictures(x):
    network, theta = made((Conv2D(4, 3),), (6, 6, 1))
    with pytest.raises(ValueError, match="x must have the shape") as error:
        Pictures(network).forward(x, network.views(theta))
    assert is_one_sentence(str(error.value))


def test_caches_of_an_earlier_pass():
    network, theta = made((Conv2D(4, 3),), (6, 6, 1))
    fast, params, x = Pictures(network), network.views(theta), batch((6, 6, 1), 2)
    y, caches = fast.forward(x, params)
    fast.predict(x, params)
    with pytest.raises(ValueError, match="latest forward") as error:
        fast.backward(y, caches, params, network.views(theta.copy()))
    assert is_one_sentence(str(error.value))


@pytest.mark.parametrize("layers", [CONV_NET, (Conv2D(8, 3, 1, "same", Tanh()), Conv2D(6, 5, 1, "same", Tanh()))])
def test_diverged_numbers_leave_nothing_behind(layers):
    network, theta = made(layers, (10, 10, 1))
    fast = Pictures(network)
    with np.errstate(all="ignore"):
        passes(fast.forward, fast.backward, network, theta, np.full((9, 10, 10, 1), np.inf))
        passes(fast.forward, fast.backward, network, theta, np.full((19, 10, 10, 1), np.nan))
    for size in (3, 8, 19):
        assert worst(network, fast, theta, batch((10, 10, 1), size)) < 1e-12
