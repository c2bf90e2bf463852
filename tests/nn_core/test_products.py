"""The matrix products of a stack are those of its members alone: as many, of the same shapes, laid in the same order.

This is what makes a member equal its solo run to the last bit whatever BLAS does with a product, so it is compared
here without BLAS: the products are written down instead of being worked out. test_kernels.py compares the numbers.
"""

from collections import Counter

import numpy as np
import pytest

from nn_core import fast
from nn_core.activations import ReLU, Tanh
from nn_core.fast import products, vectors
from nn_core.layers import BatchNorm, Conv2D, Dense, Dropout, Flatten, MaxPool2D, Residual
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.measuring import BLOCK, Measurement
from nn_core.metrics import accuracy
from nn_core.network import Network
from nn_core.random import Streams, stream

LOSS = SoftmaxCrossEntropy()
NETWORKS = {
    "2-16-16-2": ((Dense(16, Tanh()), Dense(16, Tanh()), Dense(2)), (2,)),
    "784-64-32-10": ((Dense(64, ReLU()), Dense(32, ReLU()), Dense(10)), (784,)),
    "600-96-3": ((Dense(96, ReLU()), Dense(3)), (600,)),
    "one unit": ((Dense(1, Tanh()), Dense(3)), (1,)),
    "one output": ((Dense(5, Tanh()), Dense(1)), (4,)),
    "wide inside": ((Dense(700, ReLU()), Dense(3)), (3,)),
    "residual": ((Dense(6, Tanh()), Residual(40, ReLU()), Dropout(0.2), Dense(3)), (3,)),
    "residual at both ends": ((Residual(4, Tanh()), Residual(9, ReLU())), (3,)),
    "flattened": ((Flatten(), Dense(20, ReLU()), Dense(3)), (6, 5, 2)),
    "pictures": ((Conv2D(4, activation=ReLU()), MaxPool2D(), Conv2D(2, 2), Flatten(), Dense(3)), (6, 5, 2)),
}
BATCHES = (1, 2, 5, 32, 128, 300, 700)
PARTS = (1, 300, 700, BLOCK - 1, BLOCK, vectors.LONGEST, vectors.LONGEST + 1, 2 * vectors.LONGEST + 300)
MODELS = (1, 2, 3, 40)


class Products:
    """Stands in for NumPy's products: counts, by what a product of two matrices looks like, how many there were."""

    def __init__(self, monkeypatch):
        self.noted = []
        for name in ("dot", "matmul"):
            monkeypatch.setattr(products.np, name, self._note)

    def _note(self, a, b, out):
        times = int(np.prod(out.shape[:-2]))
        self.noted.append((tuple(_seen(array) for array in (a, b, out)), times))
        out.fill(0.25)
        return out

    def count(self) -> Counter:
        """How many products of each kind there were since the last call."""
        counter = Counter()
        for seen, times in self.noted:
            counter[seen] += times
        self.noted.clear()
        return counter


def _seen(array):
    """Rows, columns, dtype, and along which of the two the numbers stand one after the other."""
    rows, columns = array.shape[-2:]
    down, along = (array.strides[axis] == array.itemsize for axis in (-2, -1))
    return rows, columns, array.dtype.str, down and rows > 1, along and columns > 1


@pytest.fixture(name="noted")
def _noted(monkeypatch):
    return Products(monkeypatch)


def network(name, dtype):
    return Network(*NETWORKS[name], dtype)


def times(counter: Counter, models: int) -> Counter:
    return Counter({seen: models * count for seen, count in counter.items()})


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("name", NETWORKS)
def test_of_a_gradient(name, dtype, noted):
    net = network(name, dtype)
    for samples in BATCHES:
        x, targets = np.zeros((40, samples, *net.input_shape), dtype), np.zeros((40, samples), int)
        theta = np.zeros((40, net.size), dtype)
        fast.engine(net, LOSS, theta[0].copy(), theta[0].copy()).gradient(x[0], targets[0], stream(0, "dropout", 0))
        alone = noted.count()
        assert alone
        for models in MODELS:
            rng = Streams(range(models), "dropout", 0)
            engine = fast.engine(net, LOSS, theta[:models].copy(), theta[:models].copy())
            engine.gradient(x[:models], targets[:models], rng)
            assert noted.count() == times(alone, models), (samples, models)


@pytest.mark.parametrize("own", [False, True], ids=["the same samples", "samples of its own"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("name", NETWORKS)
def test_of_predictions(name, dtype, own, noted):
    net = network(name, dtype)
    for samples in PARTS if len(net.input_shape) == 1 else PARTS[:3]:
        x, theta = np.zeros((samples, *net.input_shape), dtype), np.zeros((40, net.size), dtype)
        fast.engine(net, LOSS, theta[0]).predict(x)
        alone = noted.count()
        assert alone
        for models in MODELS if samples * net.size < 10**8 else MODELS[:3]:
            shown = np.broadcast_to(x, (models, *x.shape)) if own else x
            fast.engine(net, LOSS, theta[:models]).predict(shown)
            assert noted.count() == times(alone, models), (samples, models)


@pytest.mark.parametrize("name", ["2-16-16-2", "784-64-32-10", "pictures"])
def test_of_a_measurement(name, noted):
    net = network(name, np.float32)
    sizes = (BLOCK + 300, 500) if len(net.input_shape) == 1 else (300, 70)
    parts = {str(size): (np.zeros((size, *net.input_shape), np.float32), np.zeros(size, int)) for size in sizes}

    def measure(theta):
        Measurement(fast.engine(net, LOSS, theta), parts, LOSS.value, accuracy).finish()
        return noted.count()

    alone = measure(np.zeros(net.size, np.float32))
    for models in MODELS:
        assert measure(np.zeros((models, net.size), np.float32)) == times(alone, models)
    assert alone


def test_where_the_plain_layers_run_they_see_one_model_at_a_time(monkeypatch):
    # Their products are written with @, which cannot be noted; what they are given can.
    net, seen, forward = Network((Dense(4, Tanh()), BatchNorm(), Dense(3)), (3,)), [], Network.forward

    def noting(self, x, params, rng=None):
        seen.append((x.shape, *(_seen(view) for views in params for view in views.values() if view.ndim > 1)))
        return forward(self, x, params, rng)

    monkeypatch.setattr(Network, "forward", noting)
    for samples in (1, 300, 2 * BLOCK + 5):
        x, theta = np.zeros((samples, 3), np.float32), np.zeros((3, net.size), np.float32)
        fast.engine(net, LOSS, theta[0]).predict(x)
        alone = seen.copy()
        seen.clear()
        fast.engine(net, LOSS, theta).predict(x)
        assert alone
        assert seen == 3 * alone
        seen.clear()


def test_products_of_other_shapes_or_order_are_told_apart(noted):
    a, b, out = np.zeros((3, 4, 5)), np.zeros((3, 5, 6)), np.zeros((3, 4, 6))
    np.matmul(a, b, out=out)
    stack = noted.count()
    for k in range(3):
        np.dot(a[k], b[k], out=out[k])
    assert noted.count() == stack
    np.matmul(a[:, :2], b, out=out[:, :2])
    np.matmul(a[:, 2:], b, out=out[:, 2:])
    assert noted.count() != stack
    np.matmul(np.zeros((3, 5, 4)).mT, b, out=out)
    assert noted.count() != stack
