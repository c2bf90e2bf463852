"""Weights as PyTorch and Keras lay them: dictionaries of arrays that their own loaders take, and the way back.

**PyTorch**: the `state_dict` of a `torch.nn.Sequential` in which each layer, each activation (Linear has none), each
dropout, pool and flatten is a module of its own: Dense(4, Tanh()), Dense(2) is Linear, Tanh, Linear, with `0.weight`,
`0.bias`, `2.weight`, `2.bias`. A Linear's weight is `(out, in)`, a Conv2d's `(out, in, height, width)`. PyTorch puts
flattened pictures channel by channel, we pixel by pixel, so whatever stands behind a Flatten has its features put in
order. A residual block is one module with `linear1.weight`, `linear1.bias` and `linear2.weight`.

**Keras**: a layer's name and number, `dense/kernel`, `dense_1/bias`, `conv2d/kernel`; kernels are laid as ours are. A
residual block is `residual/dense/kernel`, `residual/dense/bias` and `residual/dense_1/kernel`.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from nn_core.activations import Linear
from nn_core.layers import BatchNorm, Conv2D, Dense, Flatten, LayerNorm, Residual
from nn_core.network import Network
from nn_core.spec import clip


class LayoutError(ValueError):
    """Tensors that do not fit a network; its text is one sentence that names the tensor and both shapes."""


@dataclass(frozen=True)
class Tensor:
    """One tensor of another library: its name, which parameter it is, and the ways there and back."""

    key: str
    layer: int
    name: str
    there: Callable[[np.ndarray], np.ndarray]
    back: Callable[[np.ndarray], np.ndarray]


def to_torch(network: Network, theta: np.ndarray) -> dict[str, np.ndarray]:
    """The parameters `(parameters,)` as a PyTorch `state_dict`, in the network's dtype."""
    tensors = _there(torch_tensors(network), network, theta)
    for key in [key for key in tensors if key.endswith("running_var")]:
        tensors[key.replace("running_var", "num_batches_tracked")] = np.array(0, np.int64)
    return tensors


def from_torch(network: Network, tensors: Mapping[str, np.ndarray]) -> np.ndarray:
    """theta `(parameters,)` from a PyTorch `state_dict`, as arrays. Raises LayoutError where it does not fit."""
    counters = {key: array for key, array in tensors.items() if not key.endswith("num_batches_tracked")}
    return _back(torch_tensors(network), network, counters)


def to_keras(network: Network, theta: np.ndarray) -> dict[str, np.ndarray]:
    """The parameters `(parameters,)` by Keras's names, in the network's dtype."""
    return _there(keras_tensors(network), network, theta)


def from_keras(network: Network, tensors: Mapping[str, np.ndarray]) -> np.ndarray:
    """theta `(parameters,)` from arrays by Keras's names. Raises LayoutError where they do not fit."""
    return _back(keras_tensors(network), network, tensors)


def torch_tensors(network: Network) -> list[Tensor]:
    """Every tensor of the network's `state_dict`."""
    tensors, module, shape, order = [], 0, network.input_shape, None
    for number, layer in enumerate(network.layers):
        kind, before = type(layer), module
        module += 1 + (kind is not Residual and not isinstance(getattr(layer, "activation", Linear()), Linear))
        if kind is Flatten:  # order[i]: which of our features PyTorch's i-th one is
            order = np.arange(np.prod(shape)).reshape(shape).transpose(2, 0, 1).ravel()
        shape = layer.output_shape(shape)
        for name, key, there, back in _TORCH.get(kind, lambda order: ())(order):
            tensors.append(Tensor(f"{before}.{key}", number, name, there, back))
        if kind is Dense:
            order = None
    return tensors


def keras_tensors(network: Network) -> list[Tensor]:
    """Every tensor of the network by Keras's names."""
    tensors, seen = [], Counter()
    for number, layer in enumerate(network.layers):
        word, keys = _KERAS.get(type(layer), ("", {}))
        own = f"{word}_{seen[word]}" if seen[word] else word
        seen[word] += 1
        tensors += [Tensor(f"{own}/{key}", number, name, _same, _same) for name, key in keys.items()]
    return tensors


def _same(array: np.ndarray):
    return array


def _dense_of(weight, bias, W: str, b: str):
    def parts(order):
        inverse = None if order is None else np.argsort(order)
        turn = (lambda a: a.T) if order is None else (lambda a: a[order].T)
        back = (lambda a: a.T) if order is None else (lambda a: a.T[inverse])
        return [(W, weight, turn, back), (b, bias, _same, _same)]

    return parts


def _residual(order):
    inverse = None if order is None else np.argsort(order)
    out = (lambda a: a.T) if order is None else (lambda a: a.T[order])
    back = (lambda a: a.T) if order is None else (lambda a: a[inverse].T)
    first = _dense_of("linear1.weight", "linear1.bias", "W1", "b")(order)
    return [*first, ("W2", "linear2.weight", out, back)]


def _convolution(order):
    return [
        ("W", "weight", lambda a: a.transpose(3, 2, 0, 1), lambda a: a.transpose(2, 3, 1, 0)),
        ("b", "bias", _same, _same),
    ]


def _norm_of(keys):
    def parts(order):
        inverse = None if order is None else np.argsort(order)
        there = _same if order is None else lambda a: a[order]
        back = _same if order is None else lambda a: a[inverse]
        return [(name, key, there, back) for name, key in keys.items()]

    return parts


_SCALE = {"gamma": "weight", "beta": "bias"}
# Each: the order of the features -> (our name, theirs, there, back) of every parameter.
_TORCH = {
    Dense: _dense_of("weight", "bias", "W", "b"),
    Residual: _residual,
    Conv2D: _convolution,
    BatchNorm: _norm_of(_SCALE | {"mean": "running_mean", "variance": "running_var"}),
    LayerNorm: _norm_of(_SCALE),
}
_KERAS = {
    Dense: ("dense", {"W": "kernel", "b": "bias"}),
    Residual: ("residual", {"W1": "dense/kernel", "b": "dense/bias", "W2": "dense_1/kernel"}),
    Conv2D: ("conv2d", {"W": "kernel", "b": "bias"}),
    BatchNorm: (
        "batch_normalization",
        {"gamma": "gamma", "beta": "beta", "mean": "moving_mean", "variance": "moving_variance"},
    ),
    LayerNorm: ("layer_normalization", {"gamma": "gamma", "beta": "beta"}),
}


def _there(tensors, network: Network, theta: np.ndarray):
    if theta.shape != (network.size,):
        raise LayoutError(f"theta has the shape {theta.shape}; one model of this network has ({network.size},).")
    views = network.views(theta)
    return {t.key: np.array(t.there(views[t.layer][t.name]), order="C") for t in tensors}


def _back(tensors, network: Network, given):
    theta = np.zeros(network.size, network.dtype)
    views = network.views(theta)
    known = {tensor.key for tensor in tensors}
    for key in given:
        if key not in known:
            raise LayoutError(f"The tensor {clip(key)!r} belongs to no layer of this network; it has {_list(known)}.")
    for tensor in tensors:
        if tensor.key not in given:
            raise LayoutError(f"The tensor {tensor.key!r} of layer {tensor.layer} is missing among {_list(given)}.")
        place, array = views[tensor.layer][tensor.name], np.asarray(given[tensor.key])
        wanted = tensor.there(place).shape
        if array.shape != wanted:
            raise LayoutError(f"The tensor {tensor.key!r} has the shape {array.shape}; the network needs {wanted}.")
        if array.dtype.kind != "f":
            raise LayoutError(f"The tensor {tensor.key!r} must hold floating-point numbers; it is {array.dtype}.")
        if not np.isfinite(array).all():
            raise LayoutError(f"The tensor {tensor.key!r} holds numbers that are not finite; choose another file.")
        largest = float(np.abs(array).max(initial=0))
        if largest > network.largest:
            raise LayoutError(
                f"The tensor {tensor.key!r} holds a number of size {largest:.3g}, more than {network.dtype} can hold; "
                "use a network of float64, or scale the weights down."
            )
        place[...] = tensor.back(array)
    return theta


def _list(keys):
    return clip(", ".join(sorted(keys)), 120) or "none"
