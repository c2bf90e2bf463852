"""A config refuses what it cannot be, and knows which changes a run survives."""

import dataclasses

import pytest

from nn_core.activations import ReLU, Tanh
from nn_core.initialisers import He
from nn_core.layers import AveragePool2D, Conv2D, Dense, Dropout, Flatten, MaxPool2D, Residual
from nn_core.losses import MeanSquaredError
from nn_core.optimisers import Adam
from nn_core.schedules import Cosine
from nn_core.settings import Settings, StopRules
from nn_core.spec import SpecError, knobs
from playground.datasets.augment import Augment
from playground.datasets.pictures import Digits
from playground.datasets.plane import Circles
from playground.datasets.prepare import Pixels
from playground.datasets.values import Sine
from playground.experiments.config import LIVE_FIELDS, PIXELS, Config, forces_restart

PICTURES = {"data": Digits(), "features": PIXELS}
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
    "augment": Augment(2, 10.0),
}
FIXED = {
    "data": Circles(),
    "features": ("x1",),
    "standardise": True,
    "standardise_targets": True,
    "hidden": (Dense(9, Tanh()),),
    "initialiser": He(),
    "loss": MeanSquaredError(),
    "seed_data": 1,
    "seed_split": 1,
    "seed_weights": 1,
    "seed_batches": 1,
    "validation_share": 0.2,
    "test_share": 0.2,
    "pixels": Pixels("standardised"),
}
PARTNERS = {"loss": {"data": Sine()}, "pixels": PICTURES, "augment": PICTURES}  # what a field needs beside it


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
        ({"hidden": (Dense(4),) * 10}, "net must have from 0 to 9 hidden layers, not 10."),
        ({"hidden": (Dense(65),)}, "net must have from 1 to 64 units in each layer, not 65."),
        ({"loss": MeanSquaredError()}, "loss Squared error does not fit data that hold classes."),
        ({"data": Sine()}, "does not fit data that hold values."),
        ({"data": Digits()}, "data Digits 8×8 is a picture set, which has a page of its own; open it on its own page."),
        ({"features": PIXELS}, "data Moons is not a picture set; open it on its own page."),
        ({**PICTURES, "features": ("x1",)}, "data Digits 8×8 is a picture set"),
        ({**PICTURES, "batch_size": 0}, "batch must be from 1 to 2,048 pictures, not full."),
        ({**PICTURES, "batch_size": 2049}, "batch must be from 1 to 2,048 pictures, not 2049."),
        ({**PICTURES, "hidden": (Dense(4),) * 13}, "net must have from 0 to 12 hidden layers, not 13."),
        ({**PICTURES, "hidden": (Dense(2049),)}, "net must have from 1 to 2,048 units in each layer, not 2,049."),
        ({**PICTURES, "hidden": (Conv2D(2049),)}, "net must have from 1 to 2,048 units in each layer, not 2,049."),
        ({**PICTURES, "hidden": (Flatten(),)}, "net must be made of"),
        ({**PICTURES, "loss": MeanSquaredError()}, "loss Squared error does not fit data that hold classes."),
        ({**PICTURES, "pixels": Tanh()}, "pixels must be one of pixels, not"),
        ({**PICTURES, "augment": Pixels()}, "augment must be one of augment, not"),
        (
            {**PICTURES, "augment": Augment(1), "pixels": Pixels(components=9)},
            "augment must be off while a network trains on principal components: turn one of them off.",
        ),
    ],
    ids=str,
)
def test_each_fault_has_its_sentence(changes, words):
    with pytest.raises(SpecError) as caught:
        Config(**changes)
    assert words in str(caught.value)


@pytest.mark.parametrize("layer", [Dropout(0.5), Conv2D(4), MaxPool2D()], ids=str)
def test_only_dense_and_residual_layers_are_hidden_layers(layer):
    with pytest.raises(SpecError) as caught:
        Config(hidden=(layer,))
    assert str(caught.value).startswith(f"net must be made of dense layers and residual blocks, not {layer!r}"[:95])


def test_every_field_either_lives_or_forces_a_restart():
    names = {field.name for field in dataclasses.fields(Config)}
    assert set(LIVE) == LIVE_FIELDS
    assert set(LIVE) | set(FIXED) == names


@pytest.mark.parametrize("name", LIVE)
def test_what_may_change_in_mid_run(name):
    partner = PARTNERS.get(name, {})
    assert not forces_restart(Config(**partner), Config(**partner, **{name: LIVE[name]}))


@pytest.mark.parametrize("name", FIXED)
def test_what_forces_a_restart(name):
    partner = PARTNERS.get(name, {})
    before = Config() if name == "loss" else Config(**partner)
    assert forces_restart(before, Config(**{name: FIXED[name]}, **partner))


def test_pictures_and_the_plane_are_never_one_run():
    assert forces_restart(Config(), Config(**PICTURES))
    assert forces_restart(Config(**PICTURES), Config(data=Digits(200), features=PIXELS))


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


def test_of_the_layers_on_pictures_the_activation_alone_may_change():
    def config(*hidden):
        return Config(**PICTURES, hidden=hidden)

    before = config(Conv2D(4, 3, activation=Tanh()), MaxPool2D(2))
    assert not forces_restart(before, config(Conv2D(4, 3, activation=ReLU()), MaxPool2D(2)))
    for hidden in (
        (Conv2D(4, 3, 2, activation=Tanh()), MaxPool2D(2)),
        (Conv2D(4, 3, padding="valid", activation=Tanh()), MaxPool2D(2)),
        (Conv2D(4, 2, activation=Tanh()), MaxPool2D(2)),
        (Conv2D(4, 3, activation=Tanh()), MaxPool2D(2, 1)),
        (Conv2D(4, 3, activation=Tanh()), AveragePool2D(2)),
    ):
        assert forces_restart(before, config(*hidden))


def test_settings_and_stop_rules_are_taken_from_the_config():
    config = Config(**LIVE, **PICTURES)
    assert config.settings == Settings(Adam(), Cosine(), 0.5, 7, 0.1, 0.1)
    assert config.stop == StopRules(3, 0.9, 5)


def test_every_knob_explains_itself():
    for knob in knobs(Config):
        assert knob.label
        assert knob.help.endswith(".")
