"""A config refuses what it cannot be, and knows which changes a run survives."""

import dataclasses

import pytest

from nn_core.activations import ReLU, Tanh
from nn_core.initialisers import He
from nn_core.layers import Dense, Dropout, Residual
from nn_core.losses import MeanSquaredError
from nn_core.optimisers import Adam
from nn_core.schedules import Cosine
from nn_core.settings import Settings, StopRules
from nn_core.spec import SpecError, knobs
from playground.datasets.plane import Circles, Moons
from playground.datasets.values import Sine
from playground.experiments.config import LIVE_FIELDS, Config, forces_restart

LIVE = {
    "optimiser": Adam(),
    "schedule": Cosine(),
    "learning_rate": 0.5,
    "batch_size": 7,
    "l1": 0.1,
    "l2": 0.1,
    "dropout": 0.5,
    "stop_epochs": 3,
    "stop_accuracy": 0.9,
    "stop_patience": 5,
}
FIXED = {
    "data": Circles(),
    "features": ("x1",),
    "standardise": True,
    "hidden": (Dense(9, Tanh()),),
    "initialiser": He(),
    "loss": MeanSquaredError(),
    "seed_data": 1,
    "seed_split": 1,
    "seed_weights": 1,
    "seed_batches": 1,
    "validation_share": 0.2,
    "test_share": 0.2,
}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"learning_rate": -1.0}, "learning_rate must be a number from 0 to 1,000,000,000, not '-1.0'."),
        ({"learning_rate": float("nan")}, "learning_rate must be a number"),
        ({"learning_rate": "fast"}, "learning_rate must be a number"),
        ({"batch_size": 2.5}, "batch_size must be a whole number from 0 to 1,000,000, not '2.5'."),
        ({"batch_size": True}, "batch_size must be a whole number"),
        ({"dropout": 1.0}, "dropout must be a number from 0 to 0.9"),
        ({"standardise": 1}, "standardise must be on or off"),
        ({"optimiser": Tanh()}, "optimiser must be one of sgd, momentum,"),
        ({"seed_data": 2**32}, "seed_data must be a whole number"),
        ({"features": ()}, "features must name at least one feature, each once."),
        ({"features": ("x1", "x1")}, "features must name at least one feature, each once."),
        ({"hidden": (Dense(4),) * 9}, "net must have from 0 to 8 hidden layers, not 9."),
        ({"hidden": (Dense(65),)}, "net must have from 1 to 64 units in each layer, not 65."),
        ({"loss": MeanSquaredError()}, "loss Squared error does not fit data that hold classes."),
        ({"data": Sine()}, "does not fit data that hold values."),
    ],
    ids=str,
)
def test_each_fault_has_its_sentence(changes, words):
    with pytest.raises(SpecError) as caught:
        Config(**changes)
    assert words in str(caught.value)


def test_only_dense_and_residual_layers_are_hidden_layers():
    with pytest.raises(
        SpecError, match=r"net must be made of dense layers and residual blocks, not Dropout\(rate=0.5\)."
    ):
        Config(hidden=(Dropout(0.5),))


def test_every_field_either_lives_or_forces_a_restart():
    names = {field.name for field in dataclasses.fields(Config)}
    assert set(LIVE) == LIVE_FIELDS
    assert set(LIVE) | set(FIXED) == names


@pytest.mark.parametrize("name", LIVE)
def test_what_may_change_in_mid_run(name):
    assert not forces_restart(Config(), Config(**{name: LIVE[name]}))


@pytest.mark.parametrize("name", FIXED)
def test_what_forces_a_restart(name):
    partner = {"data": Sine()} if name == "loss" else {}
    assert forces_restart(Config(), Config(**{name: FIXED[name]}, **partner))


def test_of_the_hidden_layers_the_activation_alone_may_change():
    before = Config(hidden=(Dense(4, Tanh()), Residual(3, Tanh())))
    assert not forces_restart(before, Config(hidden=(Dense(4, ReLU()), Residual(3, Tanh()))))
    assert not forces_restart(before, Config(hidden=(Dense(4, Tanh()), Residual(3, ReLU()))))
    for hidden in (
        (Dense(4, Tanh()), Residual(4, Tanh())),
        (Dense(4, Tanh()), Dense(3, Tanh())),
        (Dense(4, Tanh()),),
        (),
    ):
        assert forces_restart(before, Config(hidden=hidden))


def test_settings_and_stop_rules_are_taken_from_the_config():
    config = Config(**LIVE, data=Moons())
    assert config.settings == Settings(Adam(), Cosine(), 0.5, 7, 0.1, 0.1)
    assert config.stop == StopRules(3, 0.9, 5)


def test_every_knob_explains_itself():
    for knob in knobs(Config):
        assert knob.label
        assert knob.help.endswith(".")
