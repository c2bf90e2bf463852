"""The network as a drawing: which columns of units there are, and which numbers of the network they show.

A dense layer is one column. A residual block is two, because that is what it computes: its hidden units, and the sum
`x + hidden W2`, which a skip joins to the column that x comes from. The last column is the output.
"""

from dataclasses import dataclass

from nn_core.layers import Dense, Residual
from nn_core.network import Network
from playground.experiments.config import MOST_LAYERS, MOST_UNITS, Config

MOST_DRAWN = 20  # units of a column that are drawn; more would be too small to see


@dataclass(frozen=True)
class Column:
    """One column of the drawing. `weights` and `bias` name parameters of layer `layer` of the network."""

    kind: str  # "hidden", "sum" or "output"
    title: str
    help: str
    units: int
    layer: int  # in network.layers
    hidden: int | None  # in config.hidden, where its size can be changed
    weights: str
    bias: str | None
    skip: int | None = None  # the column that x comes from, -1 for the features

    @property
    def shown(self) -> list[int]:
        """The units that are drawn."""
        return list(range(min(self.units, MOST_DRAWN)))


def columns(config: Config, network: Network) -> list[Column]:
    """The columns from left to right, the features not counted."""
    drawn: list[Column] = []
    width = len(config.features)
    number = -1  # of the hidden layer
    for index, layer in enumerate(network.layers):
        if not isinstance(layer, (Dense, Residual)):
            continue
        number += 1
        last = index == len(network.layers) - 1
        if last:
            name = config.loss.label.lower()
            drawn.append(Column("output", "Output", f"Trained with {name}.", layer.units, index, None, "W", "b"))
            continue
        title = f"{layer.units} {layer.activation.label}"
        if isinstance(layer, Dense):
            drawn.append(Column("hidden", title, "y = f(x W + b)", layer.units, index, number, "W", "b"))
            width = layer.units
        else:
            source = len(drawn) - 1
            drawn.append(Column("hidden", title, "f(x W1 + b)", layer.units, index, number, "W1", "b"))
            drawn.append(Column("sum", "+ x", "x + f(x W1 + b) W2", width, index, None, "W2", None, skip=source))
    return drawn


def place(network: Network, drawn: list[Column], column: int, unit: int, source: int | None = None) -> int:
    """Where in theta the weight from `source` to `unit` of a column stands, or the unit's bias (no source).

    Raises ValueError where there is no such number.
    """
    try:
        chosen = drawn[column]
        name = chosen.bias if source is None else chosen.weights
        index = (unit,) if source is None else (source, unit)
        if column < 0 or name is None:
            raise ValueError("there is no such number")
        return network.place(chosen.layer, name, *index)
    except (IndexError, ValueError, TypeError):
        raise ValueError("The network has no such weight; it may have been changed meanwhile.") from None


def as_header(drawn: list[Column], config: Config) -> list[dict]:
    """The columns as docs/frame.md describes them."""
    return [
        {
            "title": column.title,
            "kind": column.kind,
            "layer": column.hidden,
            "units": column.units,
            "shown": column.shown,
            "min": column.hidden is not None and config.hidden[column.hidden].units <= 1,
            "max": column.hidden is not None and config.hidden[column.hidden].units >= MOST_UNITS,
            "skip": column.skip,
            "help": column.help,
        }
        for column in drawn
    ]


def can_add_layer(config: Config) -> bool:
    """Whether there is room for one more hidden layer."""
    return len(config.hidden) < MOST_LAYERS
