"""What a run is given: the settings that may change while it goes on, the rules that end it, and the data.

Everything is checked here, before the first step, so that a mistake is told in one sentence that names the part
instead of showing up as a strange number a thousand steps later.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nn_core.kinds import Loss, Optimiser, Schedule, Seeds
from nn_core.network import Network
from nn_core.optimisers import SGD
from nn_core.schedules import Constant
from nn_core.spec import clip, counted


@dataclass(frozen=True)
class Settings:
    """What may change while a run goes on. learning_rate, l1 and l2: a number, or one per model of a stack.

    l2 adds l2 * W to the gradient, the gradient of (l2 / 2) * sum(W^2). l1 stands for l1 * sum(|W|): after each step it
    pulls a weight towards 0 as far as the optimiser would carry it for a gradient of l1, and no further than 0 (see
    optimisers.py). Biases are spared.
    batch_size 0 means all samples at once. Raises ValueError for a number that makes no sense.
    """

    optimiser: Optimiser = SGD()
    schedule: Schedule = Constant()
    learning_rate: float | Sequence[float] = 0.03
    batch_size: int = 32
    l1: float | Sequence[float] = 0.0
    l2: float | Sequence[float] = 0.0

    def __post_init__(self):
        for name in ("learning_rate", "l1", "l2"):
            values = np.asarray(getattr(self, name), np.float64)
            if values.ndim > 1 or not np.all(np.isfinite(values) & (values >= 0)):
                raise ValueError(f"{name} must be a finite number of at least 0, not {clip(getattr(self, name))}.")
        if not _is_whole(self.batch_size) or self.batch_size < 0:
            raise ValueError(f"batch_size must be a whole number of at least 0, not {clip(self.batch_size)}.")


@dataclass(frozen=True)
class StopRules:
    """When a run is finished, looked at after each epoch; 0 turns a rule off.

    accuracy: share of the test samples, 0 to 1 (R^2 for values). patience: epochs without a better validation loss.
    A rule whose part of the data is missing never ends a run; a stack of models obeys `epochs` alone.
    """

    epochs: int = 0
    accuracy: float = 0.0
    patience: int = 0

    def message(self, epoch: int, last: Mapping[str, float], best_epoch: int, task: str) -> str:
        """Why the run ends at this epoch, whose measures are `last`; an empty text where it goes on."""
        if self.epochs and epoch >= self.epochs:
            return f"Finished: {counted(self.epochs, 'epoch')}."
        if self.accuracy and epoch and last.get("test_metric", -np.inf) >= self.accuracy:
            return f"Finished: test {'accuracy' if task == 'classes' else 'R²'} reached the target."
        if self.patience and "validation_loss" in last and epoch - best_epoch >= self.patience:
            return f"Stopped: no better validation loss for {counted(self.patience, 'epoch')}."
        return ""


@dataclass(frozen=True)
class Looks:
    """When a run is measured, and by how many samples.

    samples: the first so many of each part, at the end of an epoch; 0 is all. per_epoch: looks in each epoch, evenly
    spread; those before its end take the first `between` samples alone, and so does the one before the first step.
    """

    samples: int = 0
    per_epoch: int = 1
    between: int = 500

    def __post_init__(self):
        for name, least in (("samples", 0), ("per_epoch", 1), ("between", 1)):
            if not _is_whole(getattr(self, name)) or getattr(self, name) < least:
                raise ValueError(f"{name} must be a whole number of at least {least}, not {clip(getattr(self, name))}.")

    def is_due(self, before: int, after: int, samples: int) -> bool:
        """Whether a look falls into the step from row `before` to row `after` of an epoch of so many samples."""
        return before * self.per_epoch // samples != after * self.per_epoch // samples


def stack_size(*seeds: Seeds) -> int | None:
    """How many models the seeds ask for: None where each is one number; ValueError where they disagree."""
    counts = sorted({len(seed) for seed in seeds if isinstance(seed, Sequence | np.ndarray)})
    if len(counts) > 1:
        raise ValueError(f"The seeds ask for {counts[0]} and for {counts[1]} models; give one seed, or one per model.")
    return counts[0] if counts else None


def check_rows(network: Network, samples: int, batch_size: int) -> None:
    """Raise ValueError where a layer needs more rows to learn from than the smallest batch of so many samples has.

    A BatchNorm of one row has no spread to divide by: it would train in silence on nothing (PyTorch raises, too).
    """
    batch = min(batch_size or samples, samples)
    rows, shape = samples % batch or batch, network.input_shape
    for layer in network.layers:
        if rows * math.prod(shape[:-1]) < (least := getattr(layer, "least_rows", 1)):
            last = f"{counted(samples, 'sample')} in batches of {batch:,} leave" if rows < batch else "the batch has"
            raise ValueError(
                f"{layer.label} needs at least {least} samples in each batch, and {last} {rows}"
                f"{' for the last one' if rows < batch else ''}; choose another batch size."
            )
        shape = layer.output_shape(shape)


def one_per_model(seed: Seeds, models: int | None) -> Seeds:
    """The seed as it is for a single model; for a stack, one for each of its models."""
    return [int(seed)] * models if models is not None and isinstance(seed, (int, np.integer)) else seed


def check_per_model(settings: Settings, models: int | None) -> None:
    """Raise ValueError where a setting has one number per model, but not as many as there are models."""
    for name in ("learning_rate", "l1", "l2"):
        value = getattr(settings, name)
        if np.ndim(value) and len(value) != models:
            stack = "a single model" if models is None else f"a stack of {counted(models, 'model')}"
            raise ValueError(f"{name} holds {counted(len(value), 'number')}, but the run trains {stack}.")


def check_parts(parts: Mapping[str, tuple[Any, np.ndarray]], network: Network, loss: Loss) -> dict:
    """The parts as the trainer wants them; ValueError, in one sentence, for data that do not fit the network."""
    if "train" not in parts:
        raise ValueError(f"There is no train part to learn from; the parts are {clip(', '.join(parts))!r}.")
    return {name: _check_part(name, x, targets, network, loss) for name, (x, targets) in parts.items()}


def _check_part(name: str, x: Any, targets: np.ndarray, network: Network, loss: Loss) -> tuple[Any, np.ndarray]:
    if len(x) == 0:
        raise ValueError(f"The {name} part is empty; a run needs at least one sample in each part.")
    if x.shape[1:] != network.input_shape:
        raise ValueError(
            f"The {name} part has samples of shape {x.shape[1:]}; the network takes {network.input_shape}."
        )
    if len(x) != len(targets):
        raise ValueError(f"The {name} part has {counted(len(x), 'sample')} but {counted(len(targets), 'target')}.")
    if x.dtype != network.dtype:
        raise ValueError(f"The {name} part is {x.dtype}, the network {network.dtype}; use one dtype for both.")
    if isinstance(x, np.ndarray) and not np.isfinite(x).all():  # what is made on demand was checked by its maker
        raise ValueError(f"The {name} part holds numbers that are not finite (NaN or infinity); clean them first.")
    shape = (len(x),) if loss.task == "classes" else (len(x), *network.output_shape)
    if targets.shape != shape:
        raise ValueError(f"Targets of the {name} part have the shape {targets.shape}, not {shape}.")
    if loss.task == "classes":
        classes = network.output_shape[-1]
        if not np.issubdtype(targets.dtype, np.integer) or targets.min() < 0 or targets.max() >= classes:
            raise ValueError(f"Targets of the {name} part must be whole numbers from 0 to {classes - 1}.")
        return x, targets
    if not np.isfinite(targets).all():
        raise ValueError(f"Targets of the {name} part hold numbers that are not finite; clean them first.")
    if np.abs(targets).max() > network.largest:
        raise ValueError(f"Targets of the {name} part hold numbers that {network.dtype} cannot hold; scale them first.")
    return x, targets.astype(network.dtype)


def _is_whole(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)
