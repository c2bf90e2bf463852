"""Config to link and back; and what a link that is wrong in some part costs: one sentence, and that part alone."""

import dataclasses

import pytest

from nn_core.activations import ReLU, Sigmoid, Tanh
from nn_core.initialisers import Zeros
from nn_core.layers import Conv2D, Dense, MaxPool2D, Residual
from nn_core.losses import LOSSES, MeanSquaredError
from nn_core.optimisers import Momentum
from nn_core.schedules import Cosine
from playground.datasets.augment import Augment
from playground.datasets.pictures import Digits, Mnist, holds_pictures
from playground.datasets.plane import Moons, Xor
from playground.datasets.prepare import Pixels
from playground.datasets.values import Sine
from playground.experiments.config import HIGHEST_SEED, MOST_LAYERS, MOST_UNITS, PIXELS, SOURCES, Config
from playground.experiments.link import LONGEST_LINK, MOST_PROBLEMS, read_link, show_link
from tests.nn_core.members import members, variants
from tests.pages import PAGES, RECIPES, recipe_of

PAGE = Config(
    data=Xor(),
    hidden=(Dense(5, ReLU()), Residual(3, Sigmoid())),
    initialiser=Zeros(),
    seed_data=9,
    optimiser=Momentum(0.3),
    schedule=Cosine(7),
    learning_rate=0.7,
    batch_size=3,
    features=("x2",),
)
PICTURES = {"data": Digits(), "features": PIXELS}
PICTURE_PAGE = PAGE.replace(data=Mnist(500), features=PIXELS, hidden=(Conv2D(5, 4, activation=ReLU()), MaxPool2D(3)))
GOOD = {"rate": "0.25", "seeds": "1-2-3-4", "net": "7-res2", "optimiser": "adam(beta1=0.5)"}
LONG = "1" * 5000


def same_again(config: Config) -> None:
    """Assert that the config's link leads back to it, whatever page of its kind it is opened on."""
    pages = (PICTURE_PAGE, Config(**PICTURES)) if holds_pictures(config.data) else (PAGE, Config())
    for page in (*pages, config):
        assert read_link(show_link(config), page) == (config, [])


@pytest.mark.parametrize(("view", "label"), RECIPES)
def test_every_recipe_survives_its_link(view, label):
    config = recipe_of(view, label).config
    same_again(config)
    assert read_link(show_link(config), PAGES[view].default) == (config, [])


@pytest.mark.parametrize("choice", members("activations"))
def test_every_activation_survives(choice):
    same_again(Config(hidden=(Dense(3, choice), Residual(4, choice))))
    same_again(Config(hidden=(Dense(3, choice), Dense(64, Tanh()), Residual(1, choice))))


@pytest.mark.parametrize("choice", members("optimisers"))
def test_every_optimiser_survives(choice):
    same_again(Config(optimiser=choice))


@pytest.mark.parametrize("choice", members("schedules"))
def test_every_schedule_survives(choice):
    same_again(Config(schedule=choice))


@pytest.mark.parametrize("choice", members("initialisers"))
def test_every_initialiser_survives(choice):
    same_again(Config(initialiser=choice))


@pytest.mark.parametrize("choice", members("losses"))
def test_every_loss_survives(choice):
    same_again(Config(loss=choice, data=Sine() if choice.task == "values" else Moons()))


@pytest.mark.parametrize("choice", [choice for kind in SOURCES.values() for choice in variants(kind)], ids=repr)
def test_every_data_set_survives(choice):
    task = getattr(choice, "task", "classes")
    features = PIXELS if holds_pictures(choice) else ("x1", "x2")
    loss = next(loss() for loss in LOSSES.values() if loss.task == task)
    same_again(Config(data=choice, features=features, loss=loss))


@pytest.mark.parametrize("choice", [*variants(Pixels), *variants(Augment)], ids=repr)
def test_what_is_done_to_pictures_survives(choice):
    same_again(Config(**PICTURES, **{"pixels" if isinstance(choice, Pixels) else "augment": choice}))


@pytest.mark.parametrize(
    "changes",
    [
        {"learning_rate": 1e-300},
        {"learning_rate": 0.1 + 0.2},
        {"learning_rate": 123456789.125},
        {"batch_size": 0},
        {"batch_size": 1_000_000},
        {"hidden": ()},
        {"hidden": (Dense(64, Tanh()),) * 9},
        {"features": ("sin2", "x1")},
        dict.fromkeys(("seed_data", "seed_split", "seed_weights", "seed_batches"), HIGHEST_SEED),
        {"standardise": True, "l1": 1e-9, "l2": 10.0, "dropout": 0.9, "stop_epochs": 1, "stop_accuracy": 1.0},
        {"validation_share": 0.4, "test_share": 0.5, "stop_patience": 1_000_000},
    ],
    ids=str,
)
def test_every_field_survives_to_the_last_bit(changes):
    same_again(Config(**changes))


def test_every_field_of_a_config_is_in_its_link():
    """Two configs that differ in one field have different links; a new field that is forgotten fails here."""
    others = {
        field.name: getattr(PAGE, field.name)
        for field in dataclasses.fields(Config)
        if getattr(PAGE, field.name) != getattr(Config(), field.name)
    }
    others |= {
        "standardise": True,
        "standardise_targets": True,
        "l1": 1.0,
        "l2": 1.0,
        "dropout": 0.5,
        "seed_split": 1,
        "seed_weights": 1,
    }
    others |= {"seed_batches": 1, "validation_share": 0.1, "test_share": 0.1, "stop_epochs": 1, "stop_accuracy": 0.5}
    others |= {"stop_patience": 1, "loss": MeanSquaredError(), "pixels": Pixels("standardised"), "augment": Augment(1)}
    partners = {"loss": {"data": Sine()}, "pixels": PICTURES, "augment": PICTURES}
    assert set(others) == {field.name for field in dataclasses.fields(Config)}
    for name, value in others.items():
        partner = partners.get(name, {})
        without = Config() if name == "loss" else Config(**partner)
        assert show_link(Config(**{name: value}, **partner)) != show_link(without)


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("optimiser", "foo", "optimiser 'foo' is not known; it can be sgd, momentum,"),
        ("optimiser", "", "optimiser '' cannot be read; it looks like name or name(knob=value)."),
        ("optimiser", "adam(beta1=2)", "optimiser adam: beta1 must be a number from"),
        ("optimiser", "adam(beta3=0.1)", "optimiser adam has no knob 'beta3'; its knobs are beta1, beta2, epsilon."),
        ("optimiser", "adam(beta1=0.1,beta1=0.2)", "optimiser adam has its knob 'beta1' set twice; set it once."),
        ("optimiser", "adam(beta1=adam(beta1=adam(beta1=1)))", "optimiser adam: beta1 must be a number"),
        ("optimiser", "adam(((((beta1=0.9", "optimiser 'adam(((((beta1=0.9' cannot be read"),
        ("optimiser", "adam" + "(" * 300, "cannot be read"),
        ("optimiser", "sgd(__class__=1)", "optimiser sgd has no knob '__class__'; it has no knobs."),
        ("optimiser", "<img src=x onerror=alert(1)>", "cannot be read"),
        ("optimiser", "a" * 1999, "cannot be read"),
        ("rate", "abc", "learning_rate must be a number from 0 to 1,000,000,000, not 'abc'."),
        ("rate", "", "learning_rate must be a number from 0 to 1,000,000,000, not ''."),
        ("rate", "nan", "learning_rate must be a number from 0 to 1,000,000,000, not 'nan'."),
        ("rate", "inf", "learning_rate must be a number from 0 to 1,000,000,000, not 'inf'."),
        ("rate", "1e400", "learning_rate must be a number"),
        ("rate", "-1", "learning_rate must be a number"),
        ("rate", LONG, "it is 5,000 characters long; 2,000 are the most."),
        (LONG, "1", "no setting has that name."),
        ("batch", "1.5", "batch must be a whole number, or full, not '1.5'."),
        ("batch", "1" * 1999, "batch_size must be a whole number from 0 to 1,000,000"),
        ("data", "mars", "data 'mars' is not known; it can be swiss_roll, peaks,"),
        ("data", "moons(samples=1000000000)", "data moons: samples must be a whole number from 20 to 25,000"),
        ("data", "swiss_roll(turns=swiss_roll(turns=1))", "data swiss_roll: turns must be a number"),
        ("loss", "mse", "loss Squared error does not fit data that hold classes."),
        ("schedule", "cosine(epochs=0)", "schedule cosine: epochs must be a whole number"),
        ("init", "normal(std=big)", "initialiser normal: std must be a number"),
        ("net", "1000000000", "each layer must have a whole number of units from 1 to 64, not '1000000000'."),
        ("net", "9" * 1999, "each layer must have a whole number of units from 1 to 64"),
        ("net", "8-65", "each layer must have a whole number of units from 1 to 64, not '65'."),
        ("net", "8--8", "each layer must have a whole number of units from 1 to 64, not ''."),
        ("net", "8-0", "each layer must have a whole number of units from 1 to 64, not '0'."),
        ("net", "²-٣", "each layer must have a whole number of units from 1 to 64, not '²'."),
        ("net", "resres4", "each layer must have a whole number of units from 1 to 64, not 'resres4'."),
        ("net", "4" + "-4" * 9, "there can be from 0 to 9 hidden layers, not 10."),
        ("activation", "tanh,,tanh", "activation '' cannot be read"),
        ("activation", "elu(alpha=elu)", "activation elu: alpha must be a number"),
        ("features", "", "features must name at least one feature, each once."),
        ("features", "x1,x1", "features must name at least one feature, each once."),
        ("seeds", "1-2-3", "seeds must be four whole numbers: data-split-weights-batches, such as 0-0-0-0."),
        ("seeds", "-1-0-0-0", "seeds must be four whole numbers"),
        ("seeds", "a-b-c-d", "seed_data must be a whole number from 0 to 4,294,967,295, not 'a'."),
        ("seeds", "0-0-0-4294967296", "seed_batches must be a whole number from 0 to 4,294,967,295"),
        ("standardise", "yes", "standardise must be on or off, not 'yes'."),
        ("dropout", "1", "dropout must be a number from 0 to 0.9"),
        ("test_share", "0.9", "test_share must be a number from 0.05 to 0.5"),
        ("stop_epochs", "-1", "stop_epochs must be a whole number"),
        ("hidden", "8", "no setting has that name."),
        ("seed_data", "1", "no setting has that name."),
        ("learning_rate_", "1", "no setting has that name."),
        ("<b>bold</b>", "1", "no setting has that name."),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_each_fault_has_its_sentence_and_the_rest_is_used(key, text, words):
    good = {name: value for name, value in GOOD.items() if name != key}
    config, problems = read_link({**good, key: text}, Config(data=Moons()))
    assert len(problems) == 1
    assert problems[0].startswith(f"The link's {key if len(key) < 40 else key[:40] + '…'} was left out: ")
    assert words in problems[0]
    assert "\n" not in problems[0]
    assert len(problems[0]) < 300
    assert problems[0].endswith(".")
    assert (config, []) == read_link(good, Config(data=Moons()))


def test_activations_that_do_not_match_the_layers():
    config, problems = read_link({**GOOD, "net": "4-4-4", "activation": "relu,tanh"}, Config())
    assert problems == [
        "The link's activation names 2 activations for 3 hidden layers; the first is used for all."
    ]  # fmt: skip
    assert config.hidden == (Dense(4, ReLU()),) * 3
    assert config.learning_rate == 0.25


def test_data_and_loss_that_do_not_fit_cost_one_sentence():
    config, problems = read_link({**GOOD, "data": "sine", "loss": "cross_entropy"}, Config())
    assert problems == ["The link's data was left out: loss Cross-entropy does not fit data that hold values."]
    assert config.data == Moons()
    assert config.learning_rate == 0.25


def test_a_link_of_nothing_but_junk_says_so_in_few_sentences():
    config, problems = read_link({f"k{number}": "(" * number for number in range(1000)}, Config())
    assert config == Config()
    assert len(problems) == MOST_PROBLEMS + 1
    assert problems[-1] == f"{1000 - MOST_PROBLEMS} more parts of the link were left out."


def test_limits_that_the_sentences_name():
    assert (LONGEST_LINK, MOST_LAYERS, MOST_UNITS) == (2000, 9, 64)


def test_a_number_of_units_that_hides_its_size_behind_zeros():
    page = Config()
    config, problems = read_link({"net": "000000000001" + "9" * 900}, page)
    assert config == page
    assert len(problems) == 1
    assert problems[0].startswith("The link's net was left out: each layer must have a whole number of units from 1 to")
