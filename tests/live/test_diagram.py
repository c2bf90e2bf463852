"""The drawing of a network: its columns, and where the numbers that they show stand."""

import numpy as np
import pytest

from nn_core.activations import ReLU, Tanh
from nn_core.layers import Dense, Residual
from playground.experiments.config import MOST_LAYERS, Config
from playground.experiments.experiment import build
from playground.live.plane.diagram import MOST_DRAWN, as_header, can_add_layer, columns, place

MIXED = Config(hidden=(Dense(3, Tanh()), Residual(5, ReLU()), Residual(2, ReLU()), Dense(1, Tanh())), dropout=0.1)


def drawn(config):
    experiment = build(config)
    return experiment.network, columns(config, experiment.network)


def test_a_residual_block_is_two_columns():
    _, found = drawn(MIXED)
    assert [(column.kind, column.units, column.hidden, column.skip) for column in found] == [
        ("hidden", 3, 0, None),
        ("hidden", 5, 1, None),
        ("sum", 3, None, 0),
        ("hidden", 2, 2, None),
        ("sum", 3, None, 2),
        ("hidden", 1, 3, None),
        ("output", 2, None, None),
    ]
    assert found[0].title == "3 tanh"
    assert all(column.help for column in found)


def test_a_block_on_the_features_skips_from_them():
    _, found = drawn(Config(hidden=(Residual(4, Tanh()),), features=("x1", "x2", "x1x2")))
    assert [(column.kind, column.units, column.skip) for column in found] == [
        ("hidden", 4, None),
        ("sum", 3, -1),
        ("output", 2, None),
    ]


def test_no_hidden_layer_is_the_output_alone():
    _, found = drawn(Config(hidden=()))
    assert [column.kind for column in found] == ["output"]


def test_wide_columns_are_drawn_in_part():
    _, found = drawn(Config(hidden=(Dense(64, Tanh()),)))
    assert found[0].shown == list(range(MOST_DRAWN))
    assert found[1].shown == [0, 1]


def test_every_number_that_is_drawn_has_its_place():
    network, found = drawn(MIXED)
    theta = np.arange(network.size, dtype=np.float32)
    params = network.views(theta)
    seen = set()
    for number, column in enumerate(found):
        weights = params[column.layer][column.weights]
        for source, unit in np.ndindex(weights.shape):
            assert theta[place(network, found, number, unit, source)] == weights[source, unit]
            seen.add(place(network, found, number, unit, source))
        if column.bias:
            for unit in range(column.units):
                assert theta[place(network, found, number, unit)] == params[column.layer][column.bias][unit]
                seen.add(place(network, found, number, unit))
    assert seen == set(range(network.size))


@pytest.mark.parametrize(
    ("column", "unit", "source"),
    [(7, 0, 0), (-1, 0, 0), (0, 3, 0), (0, 0, 2), (0, -1, 0), (2, 0, None), (0, "a", 0), (None, 0, 0), (0, 0, 1.5)],
)
def test_numbers_that_are_not_there(column, unit, source):
    network, found = drawn(MIXED)
    with pytest.raises(ValueError, match=r"^The network has no such weight; it may have been changed meanwhile\.$"):
        place(network, found, column, unit, source)


def test_the_header_says_which_buttons_are_at_their_end():
    config = Config(hidden=(Dense(1, Tanh()), Dense(64, Tanh()), Residual(3, Tanh())))
    _, found = drawn(config)
    ends = [(column["min"], column["max"], column["layer"]) for column in as_header(found, config)]
    nothing = (False, False, None)
    assert ends == [(True, False, 0), (False, True, 1), (False, False, 2), nothing, nothing]


def test_there_is_an_end_to_layers():
    assert can_add_layer(Config(hidden=(Dense(1),) * (MOST_LAYERS - 1)))
    assert not can_add_layer(Config(hidden=(Dense(1),) * MOST_LAYERS))
