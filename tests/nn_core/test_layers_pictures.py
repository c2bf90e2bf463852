"""Layers on pictures against numbers that were worked out by hand, on pictures of a few pixels."""

import numpy as np
import pytest

from nn_core.layers import AveragePool2D, Conv2D, Dense, Flatten, MaxPool2D
from nn_core.layers.pictures import put_back, windows

NINE = np.arange(1.0, 10).reshape(3, 3)  # 1 2 3 / 4 5 6 / 7 8 9
SIXTEEN = np.arange(1.0, 17).reshape(4, 4)
KERNEL = np.array([[1.0, 2], [3, 4]])


def one(picture):
    """One sample of one channel."""
    return np.array(picture, np.float64)[None, ..., None]


def forward(layer, picture, W=None, b=0.0):
    """What a layer makes of one picture of one channel, as a table."""
    p = {} if W is None else {"W": np.array(W)[..., None, None], "b": np.array([b])}
    y, cache = layer.forward(one(picture), p)
    assert y.shape == (1, *layer.output_shape((*np.shape(picture), 1)))
    return y[0, ..., 0].tolist(), cache, p


def backward(layer, picture, dy, W=None):
    """dx as a table, and the gradients of W and b, for a gradient dy."""
    _, cache, p = forward(layer, picture, W)
    g = {name: np.full_like(value, np.nan) for name, value in p.items()}
    dx = layer.backward(one(dy), cache, p, g)
    return dx[0, ..., 0].tolist(), {name: np.squeeze(value).tolist() for name, value in g.items()}


def test_convolution_that_stays_inside():
    # 1*1 + 2*2 + 3*4 + 4*5 = 37 above left: the kernel is not turned over, or it would be 23.
    y, *_ = forward(Conv2D(1, 2, padding="valid"), NINE, KERNEL, b=100)
    assert y == [[137, 147], [167, 177]]


def test_convolution_with_zeros_around_the_picture():
    # A kernel of two needs one row and one column more: they come at the bottom and the right.
    y, *_ = forward(Conv2D(1, 2), NINE, KERNEL)
    assert y == [[37, 47, 3 + 3 * 6], [67, 77, 6 + 3 * 9], [7 + 2 * 8, 8 + 2 * 9, 9]]
    # A kernel of three needs one on each side.
    y, *_ = forward(Conv2D(1, 3), NINE, np.ones((3, 3)))
    assert y == [[12, 21, 16], [27, 45, 33], [24, 39, 28]]


def test_strides():
    y, *_ = forward(Conv2D(1, 2, stride=2), NINE, KERNEL)
    assert y == [[37, 21], [23, 9]]  # every second of those above
    y, *_ = forward(Conv2D(1, 2, stride=2, padding="valid"), NINE, KERNEL)
    assert y == [[37]]  # row and column 3 fill no window
    # Windows of three at 0 and 2 need five of four pixels: the one that is missing comes after, and none before.
    y, *_ = forward(Conv2D(1, 3, stride=2), SIXTEEN, np.ones((3, 3)))
    assert y == [[1 + 2 + 3 + 5 + 6 + 7 + 9 + 10 + 11, 3 + 4 + 7 + 8 + 11 + 12], [9 + 10 + 11 + 13 + 14 + 15, 54]]
    y, *_ = forward(Conv2D(1, 1, stride=3), SIXTEEN, [[2.0]])
    assert y == [[2, 8], [26, 32]]  # a stride wider than the kernel passes over pixels


def test_a_kernel_as_large_as_the_picture_sees_all_of_it_at_once():
    y, *_ = forward(Conv2D(1, 3, padding="valid"), NINE, NINE, b=1.0)
    assert y == [[1 + 285]]  # 1 + 4 + 9 + ... + 81


def test_gradients_of_a_convolution():
    # dy has one digit per window, so each gradient shows which windows it came from, and with what.
    dx, g = backward(Conv2D(1, 2, padding="valid"), NINE, [[1, 10], [100, 1000]], KERNEL)
    assert g["W"] == [[1 + 20 + 400 + 5000, 2 + 30 + 500 + 6000], [4 + 50 + 700 + 8000, 5 + 60 + 800 + 9000]]
    assert g["b"] == 1111
    assert dx == [[1, 12, 20], [103, 1234, 2040], [300, 3400, 4000]]


def test_gradients_of_a_convolution_with_stride_and_padding():
    dx, g = backward(Conv2D(1, 2, stride=2), NINE, [[1, 10], [100, 1000]], KERNEL)
    assert g["W"] == [[1 + 30 + 700 + 9000, 2 + 800], [4 + 60, 5]]  # the padding is zero
    assert dx == [[1, 2, 10], [3, 4, 30], [100, 200, 1000]]  # and what falls on it is lost


def test_weights_and_gradients_may_lie_in_any_order_in_memory():
    generator = np.random.default_rng(0)
    x, W = generator.standard_normal((2, 5, 4, 3)), generator.standard_normal((2, 2, 3, 4))
    layer, found = Conv2D(4, 2), []
    for order in "CF":
        p = {"W": np.array(W, order=order), "b": np.zeros(4)}
        g = {"W": np.full_like(p["W"], np.nan), "b": np.zeros(4)}
        y, cache = layer.forward(x, p)
        found.append((y, layer.backward(y, cache, p, g), g["W"]))
    assert all(np.allclose(c, f, rtol=0, atol=1e-12) for c, f in zip(*found, strict=True))


def test_channels_and_filters_of_a_pixel_make_a_dense_layer():
    generator = np.random.default_rng(0)
    x, W, b = generator.standard_normal((2, 3, 4, 5)), generator.standard_normal((5, 6)), generator.standard_normal(6)
    y, _ = Conv2D(6, 1).forward(x, {"W": W[None, None], "b": b})
    dense, _ = Dense(6).forward(x.reshape(-1, 5), {"W": W, "b": b})
    assert np.allclose(y.reshape(-1, 6), dense, rtol=0, atol=1e-14)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5])
def test_convolution_by_its_definition(kernel, stride, padding):
    generator = np.random.default_rng(1)
    x, W = generator.standard_normal((2, 7, 5, 3)), generator.standard_normal((kernel, kernel, 3, 4))
    layer = Conv2D(4, kernel, stride, padding)
    y, _ = layer.forward(x, {"W": W, "b": np.zeros(4)})
    assert y.shape[1:] == layer.output_shape((7, 5, 3))
    if padding == "same":
        assert y.shape[1:3] == (np.ceil(7 / stride), np.ceil(5 / stride))
    before = [0, 0]
    if padding == "same":
        before = [
            max(0, (out - 1) * stride + kernel - size) // 2 for out, size in zip(y.shape[1:3], (7, 5), strict=True)
        ]
    for n, row, column, out in np.ndindex(y.shape):
        total = 0.0
        for i, j in np.ndindex(kernel, kernel):
            r, c = row * stride + i - before[0], column * stride + j - before[1]
            if 0 <= r < 7 and 0 <= c < 5:
                total += (x[n, r, c] * W[i, j, :, out]).sum()
        assert y[n, row, column, out] == pytest.approx(total, abs=1e-12)


def test_max_pool_and_its_gradient():
    picture = [[1, 7, 2, 3], [4, 5, 8, 6], [9, 1, 0, 0], [2, 3, 0, -1]]
    assert forward(MaxPool2D(), picture)[0] == [[7, 8], [9, 0]]
    dx, _ = backward(MaxPool2D(), picture, [[1, 2], [3, 4]])
    assert dx == [[0, 1, 0, 0], [0, 0, 2, 0], [3, 0, 4, 0], [0, 0, 0, 0]]  # of the three zeros the first


@pytest.mark.parametrize("value", [0.0, -2.0])
def test_of_equal_maxima_the_first_gets_the_gradient(value):
    y, *_ = forward(MaxPool2D(), np.full((2, 2), value))
    assert y == [[value]]
    assert backward(MaxPool2D(), np.full((2, 2), value), [[5]])[0] == [[5, 0], [0, 0]]
    assert backward(MaxPool2D(), [[1, 3], [3, 3]], [[5]])[0] == [[0, 5], [0, 0]]
    assert backward(MaxPool2D(), [[1, 2], [3, 3]], [[5]])[0] == [[0, 0], [5, 0]]


def test_max_pools_that_overlap_add_their_gradients():
    picture = [[1, 2, 3], [4, 9, 6], [7, 8, 5]]
    assert forward(MaxPool2D(2, 1), picture)[0] == [[9, 9], [9, 9]]
    assert backward(MaxPool2D(2, 1), picture, [[1, 10], [100, 1000]])[0] == [[0, 0, 0], [0, 1111, 0], [0, 0, 0]]


def test_what_fills_no_window_is_left_out_and_gets_no_gradient():
    assert forward(MaxPool2D(2), NINE)[0] == [[5]]
    assert backward(MaxPool2D(2), NINE, [[1]])[0] == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
    picture = np.arange(25.0).reshape(5, 5)
    assert forward(AveragePool2D(2, 3), picture)[0] == [[3, 6], [18, 21]]  # (0 + 1 + 5 + 6) / 4 = 3
    dx, _ = backward(AveragePool2D(2, 3), picture, [[4, 8], [12, 16]])
    assert dx == [[1, 1, 0, 2, 2], [1, 1, 0, 2, 2], [0, 0, 0, 0, 0], [3, 3, 0, 4, 4], [3, 3, 0, 4, 4]]
    assert MaxPool2D(3).output_shape((8, 5, 2)) == (2, 1, 2)
    assert AveragePool2D(3, 2).output_shape((8, 5, 2)) == (3, 2, 2)


def test_average_pools_that_overlap():
    assert forward(AveragePool2D(2, 1), NINE)[0] == [[3, 4], [6, 7]]
    dx, _ = backward(AveragePool2D(2, 1), NINE, np.ones((2, 2)))
    assert dx == [[0.25, 0.5, 0.25], [0.5, 1, 0.5], [0.25, 0.5, 0.25]]


def test_a_pool_of_the_whole_picture_and_one_of_single_pixels():
    for layer, value in ((MaxPool2D(3), 9), (AveragePool2D(3), 5)):
        assert forward(layer, NINE)[0] == [[value]]
    for layer in (MaxPool2D(1), AveragePool2D(1)):
        assert forward(layer, NINE)[0] == NINE.tolist()
        assert backward(layer, NINE, -NINE)[0] == (-NINE).tolist()


def test_pools_look_at_each_channel_alone():
    x = np.stack([NINE, -NINE], axis=-1)[None]
    assert MaxPool2D(3).forward(x, {})[0].tolist() == [[[[9, -1]]]]
    assert AveragePool2D(3).forward(x, {})[0].tolist() == [[[[5, -5]]]]


def test_flatten_goes_row_by_row_and_back():
    x = np.arange(24.0).reshape(2, 2, 3, 2)
    y, cache = Flatten().forward(x, {})
    assert y.tolist() == [list(range(12)), list(range(12, 24))]
    assert np.array_equal(Flatten().backward(y, cache, {}, {}), x)
    assert Flatten().output_shape((2, 3, 2)) == (12,)


def test_windows_and_their_transpose():
    seen = windows(one(NINE), 2, 1)
    assert seen[0, 0, 1, :, 0].tolist() == [2, 3, 5, 6]
    assert seen.shape == (1, 2, 2, 4, 1)
    # Each pixel comes back once for each window that sees it.
    assert put_back(np.ones((2, 2, 4, 1)), (3, 3), 2, 1)[..., 0].tolist() == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
    # And as matrices the two are transposes: <windows(x), s> = <x, put_back(s)>.
    generator = np.random.default_rng(2)
    for size, stride in [(1, 1), (2, 1), (2, 2), (3, 2), (2, 3)]:
        x = generator.standard_normal((3, 2, 7, 6, 2))
        seen = windows(x, size, stride)
        s = generator.standard_normal(seen.shape)
        assert (seen * s).sum() == pytest.approx((x * put_back(s, (7, 6), size, stride)).sum(), abs=1e-11)
