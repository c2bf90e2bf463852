"""Monitors: what goes on inside a network while it trains, layer by layer.

`observe` sends one mini-batch through the plain layers and looks at every quantity on the way: weights and biases,
pre-activations z, activations a (p behind a pool), and the gradients of them all. It only reads, so a run is the same
to the last bit with it and without. Arrays of more than MOST numbers are looked at in every n-th number.

Cost of one look, on one core (python -m benchmarks.monitors): 0.6 to 0.9 ms for 2-16-16-2 with a batch of 32, 1.3 ms
for 784-64-32-10 with 128 digits: five looks a second take less than one percent of a core. A convolutional net is
looked at by PICTURES samples, because the plain layers are slower than what the trainer runs: there a look takes one
and a half times as long as a training step of 64 pictures, so look once a second.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from nn_core.activations import ELU, GELU, ReLU, Sigmoid, SiLU, Softplus, Tanh
from nn_core.kinds import Activation, Loss, Params, Rng
from nn_core.layers import (
    AveragePool2D,
    BatchNorm,
    Dropout,
    Flatten,
    LayerNorm,
    MaxPool2D,
    Residual,
)
from nn_core.network import Network
from nn_core.step import backpropagate

if TYPE_CHECKING:
    from nn_core.trainer import Trainer


BINS = 64
MOST = 16_384  # numbers of one array that are looked at
PICTURES = 16  # samples that are looked at, where they are pictures
LONGEST = 256  # reports that a Monitor keeps
FLAT = 0.05  # share of an activation's steepest slope below which a number learns next to nothing

# What the outputs of layers are called whose outputs are not their a = f(z).
OUTPUTS = {
    MaxPool2D: "p",
    AveragePool2D: "p",
    BatchNorm: "a",
    LayerNorm: "a",
    Dropout: "a",
    Flatten: None,  # the same numbers in another shape
    Residual: "y",
}
# Activations whose units can fall silent, with their steepest slope; those that saturate on both sides.
STEEPEST: dict[type, Callable[[Any], float]] = {
    ReLU: lambda f: 1.0,
    ELU: lambda f: max(1.0, f.alpha),
    GELU: lambda f: 1.13,
    SiLU: lambda f: 1.1,
    Softplus: lambda f: 1.0,
    Tanh: lambda f: 1.0,
    Sigmoid: lambda f: 0.25,
}
SATURATING = (Tanh, Sigmoid)


@dataclass(frozen=True)
class Summary:
    """One quantity at one moment: moments, and counts in BINS equal bins from -bound to bound.

    bound is a power of two, the smallest that holds every number: histograms of two moments have the same bins, or
    two of the one fit into one of the other, so that they can be drawn above each other. not_finite: how many of the
    numbers were NaN or infinite; they are in nothing else.
    """

    mean: float
    std: float
    min: float
    max: float
    bound: float
    counts: np.ndarray = field(repr=False)
    not_finite: int = 0


@dataclass(frozen=True)
class LayerReport:
    """One layer. quantities: by name, e.g. "W", "b", "z", "a", and with "d" before it the gradient, e.g. "dW", "da".

    dead: share of its units whose slope is below FLAT of the steepest for every sample, so that they learn nothing.
    saturated: share of all numbers, where the slope is that flat (tanh and sigmoid). None where it has no meaning.
    """

    label: str
    quantities: dict[str, Summary]
    dead: float | None
    saturated: float | None
    gradient_norm: float
    weight_norm: float


@dataclass(frozen=True)
class Report:
    """All layers at one moment; gradient_norm is that of all parameters together."""

    layers: tuple[LayerReport, ...]
    gradient_norm: float
    loss: float

    def to_plain(self) -> dict[str, Any]:
        """The same as numbers, lists and words, fit for JSON; what is not finite is None."""
        return _plain({"gradient_norm": self.gradient_norm, "loss": self.loss, "layers": self.layers})


def observe(
    network: Network, loss: Loss, theta: np.ndarray, x: np.ndarray, targets: np.ndarray, rng: Rng = None
) -> Report:
    """Look at one mini-batch of one model: theta `(parameters,)`, x `(samples, *features)`, targets as the loss wants.

    rng: as in training, for dropout; without it the network is looked at as it predicts. Penalties are not part of the
    gradients. Raises ValueError for a stack (take `theta[k]`) or an x that does not fit.
    """
    if theta.shape != (network.size,):
        raise ValueError(f"theta has the shape {theta.shape}; one model of this network has ({network.size},).")
    network.check(x)
    with np.errstate(all="ignore"):  # what has overflowed is counted, not warned of
        passes = backpropagate(network, loss, theta, x, targets, rng)
        each = zip(network.layers, passes.params, passes.gradients, passes.caches, passes.outputs, passes.doutputs,
                   strict=True)  # fmt: skip
        return Report(tuple(_layer(*one) for one in each), _norm(passes.gradient), float(passes.loss))


def update_ratio(network: Network, before: np.ndarray, after: np.ndarray) -> list[float | None]:
    """Per layer: how far its weights moved between two thetas, as a share of their size; None without weights.

    About a thousandth per step is healthy: far more is a rate too high, far less one too low.
    """
    ratios = []
    for old, new, places in zip(network.views(before), network.views(after), network.places, strict=True):
        weights = [name for name, (_, parameter) in places.items() if parameter.is_weight]
        moved = math.hypot(*(_norm(new[name] - old[name]) for name in weights))
        size = math.hypot(*(_norm(old[name]) for name in weights))
        ratios.append((moved / size if size else math.inf if moved else 0.0) if weights else None)
    return ratios


class Monitor:
    """Keeps reports of a run, LONGEST at most: then every second is dropped, and from then on half as many are taken.

    every: steps between two reports. What is kept depends on the steps alone.
    """

    def __init__(self, every: int = 10):
        if not isinstance(every, int) or every < 1:
            raise ValueError(f"Steps between two reports must be a whole number of at least 1, not {every!r}.")
        self.every = every
        self.steps: list[int] = []
        self.reports: list[Report] = []

    def wants(self, step: int) -> bool:
        """Whether it is time for another report."""
        return not self.steps or step - self.steps[-1] >= self.every

    def add(self, step: int, report: Report) -> None:
        """Keep a report of this step. Raises ValueError for a step before the last: rewind with a new monitor."""
        if self.steps and step <= self.steps[-1]:
            raise ValueError(f"Step {step:,} comes after step {self.steps[-1]:,}; take a new monitor after a rewind.")
        self.steps.append(step)
        self.reports.append(report)
        if len(self.steps) > LONGEST:
            self.every *= 2
            self.steps, self.reports = self.steps[::2], self.reports[::2]

    def look(self, trainer: "Trainer", model: int | None = None) -> Report | None:
        """Observe a trainer, if it is time: a mini-batch of its first training samples, in the order of the data.

        model: which member of a stack. The same samples are looked at each time, so that only the network changes.
        """
        if not self.wants(trainer.step):
            return None
        x, targets = trainer.parts["train"]
        batch = trainer.settings.batch_size or len(x)
        batch = min(batch, PICTURES) if len(x.shape) > 2 else batch
        theta = trainer.theta if model is None else trainer.theta[model]
        report = observe(trainer.network, trainer.loss, theta, x[:batch], targets[:batch])
        self.add(trainer.step, report)
        return report


def summarise(values: np.ndarray) -> Summary:
    """Moments and histogram of an array; of its every n-th number, if it has more than MOST."""
    values = values.reshape(-1)
    values = values[:: -(-values.size // MOST)] if values.size > MOST else values
    finite = np.isfinite(values)
    lost = int(values.size - np.count_nonzero(finite))
    values = values[finite] if lost else values
    if not values.size:
        return Summary(math.nan, math.nan, math.nan, math.nan, 1.0, np.zeros(BINS, np.int64), lost)
    least, greatest = float(values.min()), float(values.max())
    largest = max(-least, greatest)
    bound = 2.0 ** math.ceil(math.log2(largest)) if largest else 1.0
    mean = float(values.mean(dtype=np.float64))
    std = float(np.sqrt(np.mean(np.square(values - mean), dtype=np.float64)))
    places = ((values / bound + 1) * (BINS / 2)).astype(np.intp)
    counts = np.bincount(np.minimum(places, BINS - 1), minlength=BINS)
    return Summary(mean, std, least, greatest, bound, counts, lost)


def _layer(layer: Any, p: Params, g: Params, cache: Any, output: np.ndarray, dy: np.ndarray) -> LayerReport:
    quantities = {name: summarise(values) for name, values in p.items()}
    quantities |= {f"d{name}": summarise(values) for name, values in g.items()}
    dead = saturated = None
    if hasattr(cache, "z"):
        quantities |= {"z": summarise(cache.z), "a": summarise(cache.a)}
        dead, saturated = _flat_shares(layer.activation, cache.z, cache.a)
    name = OUTPUTS.get(type(layer), "a")
    if name is not None:
        quantities |= {name: summarise(output), f"d{name}": summarise(dy)}
    weights = [values for name, values in p.items() if name.startswith("W")]
    return LayerReport(layer.label, quantities, dead, saturated, _norm(*g.values()), _norm(*weights))


def _flat_shares(activation: Activation, z: np.ndarray, a: np.ndarray) -> tuple[float | None, float | None]:
    """Shares of dead units and of saturated numbers."""
    if type(activation) not in STEEPEST:
        return None, None
    rows = z.reshape(-1, z.shape[-1])[:: max(1, z.size // (4 * MOST))]
    slopes = activation.derivative(rows, a.reshape(-1, a.shape[-1])[:: max(1, z.size // (4 * MOST))])
    flat = np.abs(slopes) < FLAT * STEEPEST[type(activation)](activation)
    saturated = float(flat.mean()) if type(activation) in SATURATING else None
    return float(flat.all(axis=0).mean()), saturated


def _norm(*arrays: np.ndarray) -> float:
    return math.sqrt(sum(float(np.vdot(array, array)) for array in arrays))


def _plain(value: Any) -> Any:
    if isinstance(value, (Summary, LayerReport)):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value if not isinstance(value, float) or math.isfinite(value) else None
