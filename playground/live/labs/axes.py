"""The settings that a lab can vary: how a value is read, put into a config, and written again."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from nn_core.activations import ACTIVATIONS, Tanh
from nn_core.layers import Dense
from nn_core.spec import Knob, SpecError, knobs, read, show, split
from playground.experiments.config import Config
from playground.experiments.link import read_batch

MOST_VALUES = 12
MOST_EPOCHS = 5000
KNOBS: dict[str, Knob] = {knob.name: knob for knob in knobs(Config)}


@dataclass(frozen=True)
class Axis:
    """One setting. read: text -> value; put: (config, value) -> config; show: value -> short text."""

    label: str
    read: Callable[[str], object]
    put: Callable[[Config, object], Config]
    show: Callable[[object], str]
    example: str


def _field(name: str, label: str, example: str) -> Axis:
    knob = KNOBS[name]
    return Axis(label, knob.read, lambda config, value: config.replace(**{name: value}), knob.show, example)


def _whole(what: str, low: int, high: int | None = None) -> Callable[[str], int]:
    """Reads a whole number; without `high`, how large it may be is for the config to say, which knows its data."""

    def reader(text: str) -> int:
        digits = text.strip()
        number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else -1
        if not low <= number <= (number if high is None else high):
            bounds = f"of at least {low}" if high is None else f"from {low} to {high:,}"
            raise SpecError(f"{what} must be a whole number {bounds}, not {text[:20]!r}.")
        return number

    return reader


def _check_units(config: Config, units: int) -> None:
    """Raise SpecError for more units than these data allow, before a layer is made, whose own limit is another."""
    if units > (most := config.kind.most_units):
        raise SpecError(f"net must have from 1 to {most:,} units in each layer, not {units:,}.")


def _with_units(config: Config, units: int) -> Config:
    _check_units(config, units)
    hidden = config.hidden or (_like(config, units),)
    return config.replace(hidden=tuple(replace(layer, units=units) if _has_units(layer) else layer for layer in hidden))


def _with_layers(config: Config, count: int) -> Config:
    if count > (most := config.kind.most_layers):
        raise SpecError(f"net must have from 0 to {most} hidden layers, not {count:,}.")
    before = tuple(layer for layer in config.hidden if not _has_units(layer))  # convolutions and pools stay in front
    model = next((layer for layer in reversed(config.hidden) if _has_units(layer)), _like(config, 8))
    return config.replace(hidden=(*before, *(model,) * count))


def _with_activation(config: Config, activation) -> Config:
    return config.replace(
        hidden=tuple(
            replace(layer, activation=activation) if hasattr(layer, "activation") else layer for layer in config.hidden
        )
    )


def _has_units(layer) -> bool:
    return hasattr(layer, "units")


def _widths(text: str) -> tuple[int, ...]:
    parts = text.strip().split("-")
    return () if parts == ["0"] else tuple(map(_whole("the units of each layer", 1), parts))


def _like(config: Config, units: int):
    """A dense layer with the activation that the config's layers have."""
    _check_units(config, units)
    bends = [layer.activation for layer in config.hidden if hasattr(layer, "activation")]
    return Dense(units, bends[0] if bends else Tanh())


AXES: dict[str, Axis] = {
    "rate": _field("learning_rate", "learning rate", "0.01, 0.03, 0.1, 0.3, 1"),
    "batch": Axis(
        "batch size",
        read_batch,
        lambda config, value: config.replace(batch_size=value),
        lambda value: "full" if value == 0 else str(value),
        "1, 10, 50, 200",
    ),
    "optimiser": _field("optimiser", "optimiser", "sgd, momentum, rmsprop, adam"),
    "activation": Axis(
        "activation",
        lambda text: read(text, ACTIVATIONS, "activation"),
        _with_activation,
        lambda value: show(value, ACTIVATIONS),
        "tanh, sigmoid, relu",
    ),
    "units": Axis("units in a layer", _whole("units", 1), _with_units, str, "2, 4, 8, 16, 32"),
    "layers": Axis("hidden layers", _whole("layers", 0), _with_layers, str, "0, 1, 2, 3, 4"),
    "net": Axis(
        "hidden layers' units",
        _widths,
        lambda config, units: config.replace(hidden=tuple(_like(config, width) for width in units)),
        lambda units: "-".join(map(str, units)) or "0",
        "0, 25, 10-12-7, 7-8-8-6",
    ),
    "init": _field("initialiser", "first weights", "normal, glorot, he, zeros"),
    "schedule": _field("schedule", "schedule", "constant, exponential, cosine"),
    "l2": _field("l2", "L2", "0, 0.001, 0.01, 0.1"),
    "l1": _field("l1", "L1", "0, 0.001, 0.01, 0.1"),
    "dropout": _field("dropout", "dropout", "0, 0.1, 0.3, 0.5"),
    "epochs": Axis(
        "epochs",
        _whole("epochs", 1, MOST_EPOCHS),
        lambda config, value: config.replace(stop_epochs=value),
        str,
        "10, 30, 100, 300",
    ),
}


SHAPES = ("net", "layers", "units")  # are put first, so that the others find the layers that there will be


def read_values(key: str, text: str) -> tuple:
    """The values of an axis, from text with commas. Raises SpecError, one sentence, for what cannot be read."""
    if key not in AXES:
        raise SpecError(f"{key[:20]!r} is no setting that a lab can vary; it can be {', '.join(AXES)}.")
    parts = [part for part in split(text) if part.strip()]
    if not 1 <= len(parts) <= MOST_VALUES:
        raise SpecError(
            f"{AXES[key].label} needs from 1 to {MOST_VALUES} values with commas between, not {len(parts)}."
        )
    values = tuple(AXES[key].read(part) for part in parts)
    if len(set(map(AXES[key].show, values))) < len(values):
        raise SpecError(f"{AXES[key].label} has a value twice; name each once.")
    return values


def show_values(key: str, values: tuple) -> str:
    """The values as text that reads back to the same."""
    return ", ".join(AXES[key].show(value) for value in values)


def axis(key: str, values: str) -> tuple[str, tuple]:
    """An axis with its values, from text."""
    return key, read_values(key, values)
