"""What the tests are parametrised over: every member of every registry, with its knobs at rest and turned.

A new activation, loss, layer ... is thereby tested by existing.
"""

import pytest

from nn_core.activations import ACTIVATIONS
from nn_core.initialisers import INITIALISERS
from nn_core.layers import LAYERS
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
MOST_UNITS = 5  # of the layers that are tested: enough to tell rows from columns


def variants(kind: type[Choice]) -> list[Choice]:
    """The choice with its defaults, with every number knob moved, and with each of its words and nested choices."""
    small = {"units": MOST_UNITS} if any(knob.name == "units" for knob in knobs(kind)) else {}
    found = [kind(**small), kind(**{knob.name: _moved(knob) for knob in knobs(kind)} | small)]
    for knob in knobs(kind):
        if knob.registry is not None:
            found += [
                kind(**{knob.name: nested} | small) for inner in knob.registry.values() for nested in variants(inner)
            ]
        elif knob.choices:
            found += [kind(**{knob.name: value} | small) for value in knob.choices]
    return list(dict.fromkeys(found))


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
    if isinstance(knob.default, float):
        return (knob.default + (knob.high if knob.high is not None else 3 * knob.default + 1)) / 2
    if isinstance(knob.default, int):
        return min(knob.default + 3, knob.high if knob.high is not None else knob.default + 3)
    return knob.choices[-1] if knob.choices else knob.default
