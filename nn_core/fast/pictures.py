"""Networks on pictures, faster: the layers of a row in units, each on two halves of the batch at the same time.

A convolution, its activation and the max pool behind it are one unit; so is a wide dense layer; every other layer is
its plain self. The units keep what the backward pass needs in arrays that they use again in the next step.

    threads.py    two halves at the same time
    winograd.py   convolution with fewer multiplications; im2col.py: for the kernels and strides that it does not suit
    planes.py     bias, activation and max pool in one go
"""

from types import SimpleNamespace
from typing import Any

import numpy as np

from nn_core.activations import ReLU
from nn_core.fast import threads
from nn_core.fast.buffers import Buffers, blocks
from nn_core.fast.im2col import Im2col
from nn_core.fast.planes import RISING, Head
from nn_core.fast.winograd import Winograd
from nn_core.kinds import Params, Rng
from nn_core.layers import Conv2D, Dense, MaxPool2D
from nn_core.network import Network

BLOCK = 64  # samples at a time where nothing is kept: thousands of pictures do not fit into the memory at once
WIDE = 1 << 18  # weights from which on a dense layer gains by two threads


class Pictures:
    """Forward and backward of `network`, with its parameters and, but for rounding, its numbers.

    The arrays that are used again belong to this object: only the caches of its latest `forward` are good for
    `backward`. A stack of models (parameters with leading axes) takes the plain layers.
    """

    def __init__(self, network: Network):
        self.network = network
        self._units: list[Any] = list(_units(network))
        self._serial = 0

    def forward(
        self, x: np.ndarray, params: list[dict], rng: Rng = None, keep: bool = True
    ) -> tuple[np.ndarray, object]:
        """Outputs `(samples, outputs)` and what `backward` needs; keep=False: outputs alone, in bounded memory.

        x `(samples, *input_shape)`; rng turns dropout and the like on. Raises ValueError where x does not fit.
        """
        if self._is_stack(x, params):
            return self.network.forward(x, params, rng)
        if x.dtype != self.network.dtype or x.shape[1:] != self.network.input_shape:
            wanted = f"(samples, {', '.join(map(str, self.network.input_shape))}) in {self.network.dtype}"
            raise ValueError(f"The pictures x must have the shape {wanted}, not {x.shape} in {x.dtype}.")
        self._serial += 1
        if keep or rng is not None:
            return self._forward(x, params, rng, keep), self._serial
        outputs = np.empty((len(x), *self.network.output_shape), x.dtype)
        for start in range(0, len(x), BLOCK):
            outputs[start : start + BLOCK] = self._forward(x[start : start + BLOCK], params, None, False)
        return outputs, None

    def predict(self, x: np.ndarray, params: list[dict]) -> np.ndarray:
        """Outputs `(samples, outputs)`, without dropout, for any number of samples."""
        return self.forward(x, params, keep=False)[0]

    def backward(
        self, dy: np.ndarray, caches: Any, params: list[dict], gradients: list[dict], need_dx: bool = False
    ) -> np.ndarray | None:
        """Write the gradient of every parameter into `gradients`; dx where asked for.

        Raises ValueError for caches that a later `forward` has written over.
        """
        if not isinstance(caches, int):
            return self.network.backward(dy, caches, params, gradients, need_dx)
        if caches != self._serial:
            raise ValueError(
                "The caches must be those of the latest forward pass, which has used the arrays of earlier ones."
            )
        for unit in reversed(self._units):
            first = unit is self._units[0]
            dy = unit.backward(dy, params[unit.place], gradients[unit.place], need_dx or not first)
        return dy.copy() if need_dx else None

    def _forward(self, x: np.ndarray, params: list[Params], rng: Rng, keep: bool):
        for unit in self._units:
            x = unit.forward(x, params[unit.place], rng, keep)
        return x.copy()

    def _is_stack(self, x: np.ndarray, params: list[Params]):
        if x.ndim != 1 + len(self.network.input_shape):
            return True
        pairs = zip(params, self.network.places, strict=True)
        return any(p[name].ndim > len(place.shape) for p, places in pairs for name, (_, place) in places.items())


def _units(network: Network):
    """The units of a network's row of layers."""
    layers, shape, place = network.layers, network.input_shape, 0
    while place < len(layers):
        layer = layers[place]
        following = layers[place + 1] if place + 1 < len(layers) else None
        taken = 1
        if type(layer) is Conv2D:
            pools = type(following) is MaxPool2D and following.size == 2 and following.stride in (0, 2)
            taken = 2 if pools and type(layer.activation) in RISING else 1
            unit = Convolution(layer, shape, network.dtype, window=taken)
        elif type(layer) is Dense and shape[0] * layer.units >= WIDE:
            unit = WideDense(layer, network.dtype)
        else:
            unit = Plain(layer)
        unit.place = place
        yield unit
        for layer in layers[place : place + taken]:
            shape = layer.output_shape(shape)
        place += taken


class Plain:
    """A layer as it is."""

    place = 0  # of the layer that has the parameters

    def __init__(self, layer: Any):
        self._layer = layer

    def forward(self, x: np.ndarray, p: Params, rng: Rng, keep: bool) -> np.ndarray:
        y, self._cache = self._layer.forward(x, p, rng)
        if not keep:
            self._cache = None
        return y

    def backward(self, dy: np.ndarray, p: Params, g: Params, need_dx: bool) -> Any:
        return self._layer.backward(dy, self._cache, p, g, need_dx=need_dx)


class Convolution:
    """Convolution, activation and, for window 2, a max pool of 2x2: a worker for each half of the batch."""

    place = 0  # of the layer that has the parameters

    def __init__(self, layer: Any, input_shape: tuple[int, ...], dtype: np.dtype, window):
        height, width, filters = layer.output_shape(input_shape)
        self._shape = height // window, width // window, filters
        kind = Winograd if Winograd.suits(layer, input_shape) else Im2col
        self._workers = [
            SimpleNamespace(sums=kind(layer, input_shape, dtype, window), head=Head(layer.activation, window, dtype))
            for _ in range(threads.PARTS)
        ]
        self._buffers = Buffers(dtype)

    def forward(self, x: np.ndarray, p: Params, rng: Rng, keep: bool) -> np.ndarray:
        prepared = self._workers[0].sums.prepare(p["W"])
        y = self._buffers.take("y", (len(x), *self._shape))

        def half(part) -> None:
            worker = self._workers[part]
            for number, block in blocks(threads.halves(len(x))[part], worker.sums.block):
                z = worker.sums.forward(x[block], prepared, number)
                worker.head.forward(z, p["b"], y[block], number, keep)

        threads.run(half)
        self._cache: Any = (x, y, prepared) if keep else None
        return y

    def backward(self, dy: np.ndarray, p: Params, g: Params, need_dx: bool) -> Any:
        x, y, prepared = self._cache
        turned = self._workers[0].sums.turn(prepared) if need_dx else None
        dx: Any = self._buffers.take("dx", x.shape) if need_dx else None

        def half(part):
            sums, head = self._workers[part].sums, self._workers[part].head
            sums.begin()
            db = np.zeros_like(g["b"])
            for number, block in blocks(threads.halves(len(x))[part], sums.block):
                db += head.backward(dy[block], y[block], sums.dz(block.stop - block.start), number)
                sums.backward(x[block], turned, number, dx[block] if need_dx else None)
            return sums.finish(), db

        (dW, db), (dW_more, db_more) = threads.run(half)
        np.add(dW, dW_more, out=g["W"])
        np.add(db, db_more, out=g["b"])
        return dx


class WideDense:
    """A dense layer whose matrix products are cut in two: by units on the way forward, by features on the way back."""

    place = 0  # of the layer that has the parameters

    def __init__(self, layer: Any, dtype: np.dtype):
        self._activation = layer.activation
        self._buffers = Buffers(dtype)

    def forward(self, x: np.ndarray, p: Params, rng: Rng, keep: bool) -> np.ndarray:
        W, b = p["W"], p["b"]
        z = self._buffers.take("z", (len(x), len(b)))
        halves = threads.halves(len(b))

        def half(part) -> None:
            units = halves[part]
            np.matmul(x, W[:, units], out=z[:, units])
            z[:, units] += b[units]

        threads.run(half)
        y = self._activation.forward(z)
        self._cache: Any = (x, z, y) if keep else None
        return y

    def backward(self, dy: np.ndarray, p: Params, g: Params, need_dx: bool) -> Any:
        x, z, y = self._cache
        W = p["W"]
        if type(self._activation) is ReLU:
            dz = dy * (y > 0)
        else:
            dz = dy * self._activation.derivative(z, y)
        dx: Any = self._buffers.take("dx", x.shape) if need_dx else None
        halves = threads.halves(len(W))

        def half(part) -> None:
            features = halves[part]
            np.matmul(x.T[features], dz, out=g["W"][features])
            if need_dx:  # W dz^T is faster than dz W^T: the large matrix is then read row by row
                dx[:, features] = np.matmul(W[features], dz.T).T

        threads.run(half)
        np.sum(dz, axis=0, out=g["b"])
        return dx
