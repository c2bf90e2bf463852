"""What the tests are parametrised over: every member of every registry, with its knobs at rest and turned.

A new activation, loss, layer ... is thereby tested by existing.
"""

import pytest

from nn_core.activations import ACTIVATIONS
from nn_core.initialisers import INITIALISERS
from nn_core.layers import LAYERS, AveragePool2D, BatchNorm, Conv2D, Flatten, LayerNorm, MaxPool2D
from nn_core.losses import LOSSES
from nn_core.optimisers import OPTIMISERS
from nn_core.schedules import SCHEDULES
from nn_core.spec import Choice, Knob, knobs, show

REGISTRIES = {
    "activations": ACTIVATIONS,
    "initialisers": INITIALISERS,
    "layers": LAYERS,
    "losses": LOSSES,
    "optimisers": OPTIMISERS,
    "schedules": SCHEDULES,
}
SMALL = {"units": 5, "filters": 3}  # sizes of the layers that are tested: enough to tell rows from columns
TURNED = {"kernel": 2, "size": 3, "stride": 2}  # sizes that fit into the small pictures below
MORE = {  # what no turn of single knobs meets: strides that leave pixels out, overlaps, windows as large as the picture
    Conv2D: [
        Conv2D(3, kernel=1),
        Conv2D(3, kernel=5, padding="valid"),
        Conv2D(3, stride=2),
        Conv2D(3, stride=3, padding="valid"),
        Conv2D(3, kernel=4, stride=2),
        Conv2D(3, kernel=2, stride=4),
    ],
    MaxPool2D: [MaxPool2D(1), MaxPool2D(2, 1), MaxPool2D(2, 3), MaxPool2D(5)],
    AveragePool2D: [AveragePool2D(1), AveragePool2D(2, 1), AveragePool2D(2, 3), AveragePool2D(5)],
}


def sample_shape(layer: Choice) -> tuple[int, ...]:
    """The shape of one sample on which a layer is tested: a picture for the layers that take nothing else.

    BatchNorm and LayerNorm take both; those with turned knobs are tested on pictures, those at rest on vectors.
    """
    at_rest = all(getattr(layer, knob.name) == knob.default for knob in knobs(layer))
    if isinstance(layer, (Conv2D, MaxPool2D, AveragePool2D, Flatten)):
        return (6, 5, 2)
    if isinstance(layer, (BatchNorm, LayerNorm)) and not at_rest:
        return (6, 5, 2)
    return (3,)


def variants(kind: type[Choice]) -> list[Choice]:
    """The choice with its defaults, with every number knob moved, and with each of its words and nested choices."""
    small = {knob.name: SMALL[knob.name] for knob in knobs(kind) if knob.name in SMALL}
    found = [kind(**small), kind(**{knob.name: _moved(knob) for knob in knobs(kind)} | small)]
    for knob in knobs(kind):
        if knob.registry is not None:
            found += [
                kind(**{knob.name: nested} | small) for inner in knob.registry.values() for nested in variants(inner)
            ]
        elif knob.choices:
            found += [kind(**{knob.name: value} | small) for value in knob.choices]
    return list(dict.fromkeys(found + MORE.get(kind, [])))


def members(registry: str) -> list:
    """Parameters for pytest: each variant of each member of a registry, under its text."""
    table = REGISTRIES[registry]
    return [pytest.param(choice, id=show(choice, table)) for kind in table.values() for choice in variants(kind)]


def names(registry: str) -> list[str]:
    """The names of a registry's members."""
    return list(REGISTRIES[registry])


def _moved(knob: Knob):
    """A valid value that is not the default: half-way to a bound for numbers, the last word for words."""
    if isinstance(knob.default, bool):
        return not knob.default
    if knob.name in TURNED:
        return TURNED[knob.name]
    if isinstance(knob.default, float):
        return (knob.default + (knob.high if knob.high is not None else 3 * knob.default + 1)) / 2
    if isinstance(knob.default, int):
        return min(knob.default + 3, knob.high if knob.high is not None else knob.default + 3)
    return knob.choices[-1] if knob.choices else knob.default
