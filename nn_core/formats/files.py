"""A trained network in a file: its layers, its parameters, its history and whatever belongs to it, to the last bit.

The file is an .npz archive. One member, `about`, is text (JSON): what the file is, its version, the layers as `show`
writes them, and a config of the caller's; every parameter is an array of its own, `0.W`, `0.b`, ..., so that a file can
be looked into with `numpy.load`. Nothing is ever pickled, and nothing in a file is believed (see npz.py).
"""

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np

from nn_core.formats.npz import FileError, read_npz, write_npz
from nn_core.history import History
from nn_core.layers import LAYERS
from nn_core.losses import LOSSES
from nn_core.network import Network
from nn_core.spec import clip, counted, read, show

FORMAT = "nn_core network"
COUNTS = ("stride", "last_epoch", "looks")  # of a history
VERSION = 1
LONGEST_TEXT = 1_000_000  # bytes of `about`
MOST_LAYERS = 1_000
WHAT = "network file"


@dataclass(frozen=True)
class Saved:
    """What a file holds. theta `(..., parameters)` has one leading axis for a stack; loss, history may be missing."""

    network: Network
    theta: np.ndarray = field(repr=False)
    loss: object | None = None
    history: History | None = field(default=None, repr=False)
    config: Mapping[str, str | float | bool] = field(default_factory=dict)

    def theta_for(self, network: Network) -> np.ndarray:
        """The parameters, for a network that has been built already.

        Raises FileError, naming the first difference, where the file holds another architecture.
        """
        difference = _difference(self.network, network)
        if difference:
            raise FileError(f"The {WHAT} holds another architecture: {difference}.")
        return self.theta.copy()


def save(
    file: str | os.PathLike | BinaryIO,
    network: Network,
    theta: np.ndarray,
    *,
    loss: Any = None,
    history: History | None = None,
    config: Mapping[str, str | float | bool] | None = None,
) -> None:
    """Write a network with its parameters `(parameters,)`, or those of a stack, `(models, parameters)`.

    config: words and numbers of the caller's own. Raises ValueError for parameters that do not fit the network or are
    not finite, FileError where the file cannot be written.
    """
    if theta.dtype != network.dtype or theta.ndim > 2 or theta.shape[-1:] != (network.size,):
        wanted = f"{counted(network.size, 'parameter')} in {network.dtype}"
        raise ValueError(f"theta is {theta.dtype} of shape {theta.shape}; the network has {wanted}.")
    if not np.isfinite(theta).all():
        raise ValueError("theta holds numbers that are not finite (NaN or infinity); save an earlier state.")
    about = {
        "format": FORMAT,
        "version": VERSION,
        "input_shape": network.input_shape,
        "dtype": network.dtype.name,
        "models": len(theta) if theta.ndim == 2 else None,
        "layers": [show(layer, LAYERS) for layer in network.layers],
        "loss": None if loss is None else show(loss, LOSSES),
        "config": _checked_config(config or {}),
        "history": None if history is None else {name: getattr(history, name) for name in COUNTS},
    }
    text = json.dumps(about, ensure_ascii=False, indent=1).encode()
    arrays: dict[str, np.ndarray] = {"about": np.frombuffer(text, np.uint8)}
    for number, views in enumerate(network.views(theta)):
        arrays |= {f"{number}.{name}": values for name, values in views.items()}
    if history is not None:
        whole = all(isinstance(epoch, int) for epoch in history.epochs)
        arrays["history.epochs"] = np.array(history.epochs, np.int64 if whole else np.float64)
        arrays |= {f"history.series.{name}": np.asarray(values) for name, values in history.series.items()}
        arrays |= {f"history.last.{name}": np.asarray(value) for name, value in history.last.items()}
    write_npz(file, arrays)


def load(file: str | os.PathLike | BinaryIO) -> Saved:
    """Read what `save` has written, to the last bit. Raises FileError for everything else."""
    arrays = read_npz(file, WHAT)
    about = _about(arrays)
    network, loss = _network(about)
    models = about.get("models")
    if models is not None and not (type(models) is int and models >= 1):
        raise _damaged("models")
    lead = () if models is None else (models,)
    parts = _parameters(arrays, network, lead)
    theta = np.concatenate(parts, axis=-1) if parts else np.empty((*lead, 0), network.dtype)
    history = _history(arrays, about)
    config = about.get("config")
    if not isinstance(config, dict):
        raise _damaged("config")
    if arrays:
        raise FileError(f"The {WHAT} holds {clip(next(iter(arrays)))!r}, which belongs to none of its layers.")
    return Saved(network, theta, loss, history, _checked_config(config))


def _about(arrays: dict[str, np.ndarray]):
    text = arrays.pop("about", None)
    if text is None or text.dtype != np.uint8 or text.ndim != 1 or text.size > LONGEST_TEXT:
        raise FileError(f"The {WHAT} was not saved by nn_core; to take over weights of another library, import them.")
    try:
        about = json.loads(text.tobytes().decode())
    except (ValueError, RecursionError):
        raise _damaged("about") from None
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise FileError(f"The {WHAT} was not saved by nn_core; to take over weights of another library, import them.")
    version = about.get("version")
    if type(version) is not int or version < 1:
        raise _damaged("version")
    if version > VERSION:
        raise FileError(f"The {WHAT} was written by a newer version ({version}); update nn_core to read it.")
    return about


def _network(about: dict):
    layers, shape = about.get("layers"), about.get("input_shape")
    if not isinstance(layers, list) or len(layers) > MOST_LAYERS or not all(isinstance(text, str) for text in layers):
        raise _damaged("layers")
    if about.get("dtype") not in ("float32", "float64") or not isinstance(shape, list):
        raise _damaged("input_shape or dtype")
    loss = about.get("loss")
    if loss is not None and not isinstance(loss, str):
        raise _damaged("loss")
    try:
        network = Network([read(text, LAYERS, "layer") for text in layers], tuple(shape), about["dtype"])
        return network, None if loss is None else read(loss, LOSSES, "loss")
    except ValueError as error:
        raise FileError(f"The {WHAT} describes no network: {error}") from None


def _parameters(arrays: dict[str, np.ndarray], network: Network, lead):
    """The parameters one after the other, as theta has them; what is used is taken out of `arrays`."""
    parts = []
    for number, places in enumerate(network.places):
        for name, (_, parameter) in places.items():
            key, wanted = f"{number}.{name}", (*lead, *parameter.shape)
            values = arrays.pop(key, None)
            if values is None:
                raise FileError(f"The {WHAT} lacks {key}, {parameter.shape}, of its layer {number}; it is not whole.")
            if values.shape != wanted or values.dtype != network.dtype:
                raise FileError(
                    f"The {WHAT} holds {key} as {values.dtype} of shape {values.shape}; "
                    f"its layers need {network.dtype} of shape {wanted}."
                )
            if not np.isfinite(values).all():
                raise FileError(f"The {WHAT} holds numbers in {key} that are not finite; choose another.")
            parts.append(values.reshape(*lead, -1))
    return parts


def _history(arrays: dict[str, np.ndarray], about: dict):
    kept = about.get("history")
    if kept is None:
        return None
    history, epochs = History(), arrays.pop("history.epochs", None)
    if not isinstance(kept, dict) or epochs is None or epochs.dtype not in (np.int64, np.float64) or epochs.ndim != 1:
        raise _damaged("history")
    stride: Any = kept.get("stride")
    last_epoch: Any = kept.get("last_epoch")
    looks: Any = kept.get("looks", last_epoch)  # files of before they were counted hold whole epochs alone
    kinds = (type(stride), type(looks), type(last_epoch))
    if kinds not in ((int, int, int), (int, int, float)) or not np.isfinite(epochs).all() or looks < 0:
        raise _damaged("history")
    if not 0 <= last_epoch < math.inf:  # NaN is neither
        raise _damaged("history")
    history.stride, history.last_epoch, history.looks = stride, last_epoch, looks + ("looks" not in kept)
    history.epochs = epochs.tolist()
    for key in [key for key in arrays if key.startswith("history.series.")]:
        values = arrays.pop(key)
        if values.dtype.kind != "f" or values.shape[:1] != epochs.shape:
            raise _damaged(key)
        history.series[key.removeprefix("history.series.")] = list(values)
    for key in [key for key in arrays if key.startswith("history.last.")]:
        values = arrays.pop(key)
        if values.dtype.kind != "f":
            raise _damaged(key)
        history.last[key.removeprefix("history.last.")] = values[()]
    if history.stride < 1 or (history.series and history.last.keys() != history.series.keys()):
        raise _damaged("history")
    return history


def _difference(saved, network: Network) -> str:
    """In words, the first thing in which two networks differ; nothing where parameters fit as they are."""
    if saved.input_shape != network.input_shape:
        return f"it takes samples of shape {saved.input_shape}, the network {network.input_shape}"
    for number, (ours, theirs) in enumerate(zip(saved.places, network.places, strict=False)):
        shapes = [{name: parameter.shape for name, (_, parameter) in places.items()} for places in (ours, theirs)]
        if shapes[0] != shapes[1]:
            texts = [", ".join(f"{name} {shape}" for name, shape in found.items()) or "nothing" for found in shapes]
            return f"its layer {number} has {texts[0]}, that of the network {texts[1]}"
    if len(saved.places) != len(network.places):
        return f"it has {counted(len(saved.places), 'layer')}, the network {len(network.places)}"
    return f"it is {saved.dtype}, the network {network.dtype}" if saved.dtype != network.dtype else ""


def _checked_config(config):
    for key, value in config.items():
        if not isinstance(key, str) or not (value is None or isinstance(value, (str, int, float, bool))):
            raise FileError(f"The config must hold words and numbers alone, not {clip(value)} for {clip(key)!r}.")
    return dict(config)


def _damaged(part: str):
    return FileError(f"The {WHAT} is damaged ({part} cannot be understood); choose another copy of it.")
