"""What a network holds and what it makes of a picture: first weights, filters, activations, an embedding.

All pictures of numbers leave here as bytes: 1..255 stand for -1..1 and 128 for 0, each picture by its own largest
number, so that its structure shows however small the numbers are.
"""

import time
from dataclasses import dataclass

import numpy as np

from nn_core.layers import AveragePool2D, BatchNorm, Conv2D, Dense, Dropout, Flatten, LayerNorm, MaxPool2D
from nn_core.network import Network
from nn_core.spec import counted
from nn_core.trainer import predictor

EMBEDDED = 400  # test pictures in the embedding
SHARE = 12  # of the time, one part in so many is spent on an embedding at most


@dataclass(frozen=True, eq=False)
class Sheet:
    """Small pictures of one kind. tiles: u8 `(count, height, width, channels)`; 3 channels are colours as they are."""

    title: str
    caption: str
    tiles: np.ndarray
    total: int

    @property
    def signed(self) -> bool:
        """Whether the bytes stand for -1..1 rather than for colours."""
        return self.tiles.shape[-1] == 1


def first_weights(network: Network, theta: np.ndarray, components, shape: tuple, most: int) -> Sheet | None:
    """What the first layer with weights looks for, as pictures; None where pictures never reach it as they are."""
    params, at = network.views(theta), network.input_shape
    for layer, p in zip(network.layers, params, strict=True):
        if isinstance(layer, Conv2D):
            tiles = np.moveaxis(p["W"], -1, 0)[:most]  # (filters, kernel, kernel, channels)
            size = f"{layer.kernel} × {layer.kernel}"
            return Sheet("Filters of the first layer", f"{size}, ", as_tiles(tiles), layer.filters)
        weights = p.get("W", p.get("W1"))
        if weights is not None and weights.ndim == 2:
            pictures = weights[:, :most].T
            if components is not None:
                pictures, at = pictures @ components.basis, shape
            if len(at) != 3:
                return None
            text = f"{len(weights):,} → {weights.shape[1]:,}, "
            return Sheet("What the first layer looks for", text, as_tiles(pictures.reshape(-1, *at)), weights.shape[1])
        if isinstance(layer, (BatchNorm, LayerNorm, Dropout, Flatten)):
            continue
        at = layer.output_shape(at)
    return None


@dataclass(frozen=True, eq=False)
class Activation:
    """What one layer makes of the picture on the pad: maps `(count, height, width, 1)` or units `(count,)` as bytes."""

    title: str
    values: np.ndarray

    @property
    def are_maps(self) -> bool:
        """Whether these are pictures, one for each filter, rather than one number for each unit."""
        return self.values.ndim > 1


def activations(network: Network, theta: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, list[Activation]]:
    """The logits `(classes,)` for one sample x `(1, *features)`, and what each hidden layer made of it on the way."""
    found, last = [], len(network.layers) - 1
    with np.errstate(all="ignore"):  # a run on its way to divergence is looked at as well
        for number, (layer, p) in enumerate(zip(network.layers, network.views(theta), strict=True)):
            x, _ = layer.forward(x, p)
            if number == last or isinstance(layer, (Flatten, Dropout)):
                continue
            if x.ndim == 4:
                found.append(Activation(_title(layer, x.shape[-1]), _signed(np.moveaxis(x[0], -1, 0)[..., None])))
            else:
                found.append(Activation(_title(layer, x.shape[-1]), _signed(x)[0]))
    return x[0], found


class Embedding:
    """The test pictures as the last hidden layer sees them, in its two principal directions.

    Worked out anew as often as it may cost, and turned so that it stands as it stood before: only what the training
    changes is seen to move.
    """

    def __init__(self, network: Network, loss, x: np.ndarray):
        self._network, self._x = network, x
        hidden = network.layers[:-1]
        self._engine = None
        if hidden:
            cut = Network(hidden, network.input_shape, network.dtype)
            self._theta = np.empty(cut.size, cut.dtype)
            self._engine = predictor(cut, loss, self._theta)
        self._due, self._step = 0.0, None
        self.xy = np.zeros((len(x), 2), np.float32)

    def update(self, theta: np.ndarray, step: int, now=time.monotonic) -> np.ndarray:
        """Places `(samples, 2)`, the farthest about 1 from the middle."""
        if step == self._step or (now() < self._due and self._step is not None and step > self._step):
            return self.xy
        began = now()
        hidden = self._hidden(theta)
        hidden = np.nan_to_num(hidden.astype(np.float64), posinf=0, neginf=0)
        hidden -= hidden.mean(axis=0)
        values, vectors = np.linalg.eigh(hidden.T @ hidden if hidden.shape[1] <= len(hidden) else hidden @ hidden.T)
        two = vectors[:, -2:] if len(values) > 1 else np.c_[np.zeros(1), vectors]
        places = hidden @ two if hidden.shape[1] <= len(hidden) else two * np.sqrt(np.maximum(values[-2:], 0))
        places = places / max(1e-12, np.quantile(np.hypot(*places.T), 0.99))
        left, _, right = np.linalg.svd(places.T @ self.xy)  # the turn that brings it nearest to where it was
        self.xy = (places @ (left @ right)).astype(np.float32)
        self._step, self._due = step, now() + SHARE * (now() - began)
        return self.xy

    def _hidden(self, theta):
        if self._engine is None:
            return self._x.reshape(len(self._x), -1)
        self._theta[...] = theta[: len(self._theta)]
        return self._engine.predict(self._x).reshape(len(self._x), -1)


def _title(layer, count):
    """What a layer is called above its picture."""
    if isinstance(layer, Conv2D):
        return f"{counted(count, 'filter')} {layer.kernel}×{layer.kernel}, {layer.activation.label}"
    if isinstance(layer, (MaxPool2D, AveragePool2D)):
        kind = "max" if isinstance(layer, MaxPool2D) else "mean"
        return f"{counted(count, 'map')}, {kind} of {layer.size}×{layer.size}"
    if isinstance(layer, (BatchNorm, LayerNorm)):
        return f"{count} normalised"
    name = layer.activation.label
    return f"{count:,} {name}" if isinstance(layer, Dense) else f"{count:,} x + {name}"


def as_tiles(pictures):
    """Weights `(count, height, width, channels)` as small pictures; of other than 1 or 3 channels their mean."""
    if pictures.shape[-1] == 3:
        low, high = (f(pictures, axis=(1, 2, 3), keepdims=True) for f in (np.min, np.max))
        return _bytes(255 * (np.nan_to_num(pictures) - low) / np.maximum(high - low, 1e-12))
    return _signed(pictures.mean(axis=-1, keepdims=True))


def _signed(values):
    """Each entry of the first axis by its own largest number: -1..1 as 1..255."""
    values = np.nan_to_num(values.astype(np.float32, copy=False))
    largest = np.abs(values).max(axis=tuple(range(1, values.ndim)), keepdims=True)
    return _bytes(128 + 127 * values / np.maximum(largest, 1e-12))


def _bytes(values):
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
