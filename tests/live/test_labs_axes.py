"""The settings that a lab can vary: what they show they read back, what they put into a config is there, and alone."""

import re

import numpy as np
import pytest

from nn_core.activations import ACTIVATIONS, ReLU, Sigmoid, Tanh
from nn_core.initialisers import INITIALISERS
from nn_core.layers import Dense, Residual
from nn_core.optimisers import OPTIMISERS, SGD, Adam
from nn_core.schedules import SCHEDULES
from nn_core.spec import SpecError
from playground.datasets.plane import Moons
from playground.experiments.config import MOST_LAYERS, MOST_UNITS, SEEDS, Config
from playground.live.labs.axes import AXES, MOST_VALUES, axis, read_values, show_values
from tests.nn_core.members import variants

BASE = Config(data=Moons(), hidden=(Dense(8, Tanh()), Residual(5, Sigmoid())), stop_epochs=10)
HOSTILE = (
    *("<img src=x onerror=alert(1)>", "__import__('os')", "{0}", "%s%n", "\x00", "a\nb", "💥"),
    *("1" * 10_000, "x" * 10_000, "(" * 10_000, "-" * 10_000, "(" * 300),
    *("nan", "inf", "-inf", "1e999", "0x10", "²", "--1"),
)
OF_THE_LAYERS = {"units", "activation", "layers", "net"}
each_axis = pytest.mark.parametrize("key", AXES)


def is_a_sentence(text: str) -> bool:
    """Whether a message can be shown to a person: one line, a full stop at its end alone, of bearable length."""
    return text.endswith(".") and "\n" not in text and ". " not in text and len(text) < 400


def refused(key: str, text: str) -> str:
    """What is said of values that cannot be read."""
    with pytest.raises(SpecError) as caught:
        read_values(key, text)
    sentence = str(caught.value)
    assert is_a_sentence(sentence), sentence
    return sentence


def drawn(key: str, rng: np.random.Generator):
    """A value of an axis, by chance."""
    tables = {"optimiser": OPTIMISERS, "activation": ACTIVATIONS, "init": INITIALISERS, "schedule": SCHEDULES}
    if key in tables:
        found = [choice for kind in tables[key].values() for choice in variants(kind)]
        return found[rng.integers(len(found))]
    if key == "net":
        return tuple(int(units) for units in rng.integers(1, MOST_UNITS + 1, rng.integers(MOST_LAYERS + 1)))
    whole = {"batch": (0, 1_000_000), "units": (1, MOST_UNITS), "layers": (0, MOST_LAYERS), "epochs": (1, 5000)}
    if key in whole:
        low, high = whole[key]
        return int(rng.integers(low, high + 1))
    high = {"rate": 1e9, "l1": 10, "l2": 10, "dropout": 0.9}[key]
    return [0.0, float(high), float(high * rng.random()), float(high * 10 ** -(12 * rng.random()))][rng.integers(4)]


def held(key: str, config: Config) -> set:
    """What a config has for an axis; of the layers every different one."""
    fields = {"rate": "learning_rate", "batch": "batch_size", "init": "initialiser", "epochs": "stop_epochs"}
    if key == "layers":
        return {len(config.hidden)}
    if key == "net":
        return {tuple(layer.units for layer in config.hidden)}
    if key in ("units", "activation"):
        return {getattr(layer, key) for layer in config.hidden}
    return {getattr(config, fields.get(key, key))}


@each_axis
def test_what_it_shows_it_reads_back(key):
    rng = np.random.default_rng(sorted(AXES).index(key))
    for _ in range(60):
        values = tuple(dict.fromkeys(drawn(key, rng) for _ in range(rng.integers(1, MOST_VALUES + 1))))
        text = show_values(key, values)
        assert read_values(key, text) == values
        assert read_values(key, f"  {text.replace(', ', ' ,  ')} ,") == values
        assert axis(key, text) == (key, values)
        assert [type(value) for value in read_values(key, text)] == [type(value) for value in values]


@each_axis
def test_a_value_is_put_into_the_config_and_nothing_else(key):
    rng = np.random.default_rng(0)
    for _ in range(20):
        value = drawn(key, rng)
        config = AXES[key].put(BASE, value)
        assert held(key, config) == {value}
        assert AXES[key].put(config, value) == config
        others = set(AXES) - (OF_THE_LAYERS if key in OF_THE_LAYERS else {key})
        assert {other: held(other, config) for other in others} == {other: held(other, BASE) for other in others}
        fields = {name: getattr(BASE, name) for name in ("data", "features", "loss", "stop_patience", *SEEDS)}
        assert {name: getattr(config, name) for name in fields} == fields


@each_axis
def test_its_example_can_be_read(key):
    values = read_values(key, AXES[key].example)
    assert 2 <= len(values) <= MOST_VALUES
    assert AXES[key].label
    assert AXES[key].label[0] != AXES[key].label[0].upper() or AXES[key].label in ("L1", "L2")
    assert len({AXES[key].put(BASE, value) for value in values}) == len(values)


def test_kinds_of_layers_stay_when_units_and_activation_are_varied():
    config = AXES["activation"].put(AXES["units"].put(BASE, 3), ReLU())
    assert config.hidden == (Dense(3, ReLU()), Residual(3, ReLU()))


def test_layers_and_units_of_a_network_without_hidden_layers():
    bare = BASE.replace(hidden=())
    assert [layer.units for layer in AXES["units"].put(bare, 7).hidden] == [7]
    assert len(AXES["layers"].put(bare, 3).hidden) == 3
    assert AXES["layers"].put(BASE, 0).hidden == ()
    assert AXES["activation"].put(bare, ReLU()).hidden == ()


def test_layers_are_copies_of_the_last():
    assert AXES["layers"].put(BASE, 3).hidden == (Residual(5, Sigmoid()),) * 3


def test_texts_that_a_person_types():
    assert read_values("rate", "0.1,1, 10") == (0.1, 1.0, 10.0)
    assert read_values("rate", "1e-3") == (0.001,)
    assert read_values("batch", "full , 1") == (0, 1)
    assert show_values("batch", (0, 1, 50)) == "full, 1, 50"
    assert read_values("optimiser", "sgd,adam(beta1=0.8,beta2=0.9)") == (SGD(), Adam(beta1=0.8, beta2=0.9))
    assert read_values("activation", "tanh,,relu,") == (Tanh(), ReLU())
    assert read_values("units", " 64") == (64,)


# --- what cannot be read --------------------------------------------------------------------------------------------


@each_axis
@pytest.mark.parametrize("text", ["", " ", ",", ", ,", "," * 10_000], ids=["empty", "blank", "comma", "commas", "many"])
def test_no_value_at_all(key, text):
    assert refused(key, text) == f"{AXES[key].label} needs from 1 to 12 values with commas between, not 0."


@each_axis
def test_the_same_value_twice(key):
    first = AXES[key].example.split(",")[0]
    assert refused(key, f"{AXES[key].example},{first}") == f"{AXES[key].label} has a value twice; name each once."


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("rate", "0.1, 0.10"),
        ("rate", "1, 1.0, 2"),
        ("batch", "full, 0"),
        ("units", "4, 04"),
        ("optimiser", "adam, adam(beta1=0.9)"),
        ("l2", "0, -0.0"),
    ],
)
def test_the_same_value_in_other_words(key, text):
    assert refused(key, text) == f"{AXES[key].label} has a value twice; name each once."


@pytest.mark.parametrize("count", [13, 200, 5000])
def test_too_many_values(count):
    text = ",".join(str(k) for k in range(1, count + 1))
    assert refused("batch", text) == f"batch size needs from 1 to 12 values with commas between, not {count}."
    assert len(read_values("batch", ",".join("123456789") + ",10,11,12")) == MOST_VALUES


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("rate", "0.1, fast", "learning_rate must be a number from 0 to 1,000,000,000, not 'fast'"),
        ("rate", "-0.1", "learning_rate must be a number from 0 to 1,000,000,000, not '-0.1'|not -0.1"),
        ("batch", "1.5", "batch must be a whole number, or full, not '1.5'"),
        ("batch", "FULL", "batch must be a whole number, or full, not 'FULL'"),
        ("optimiser", "sgd, sgdd", "optimiser 'sgdd' is not known; it can be sgd, momentum"),
        ("optimiser", "adam(beta9=1)", "optimiser adam has no knob 'beta9'"),
        ("optimiser", "adam(beta1=2)", "optimiser adam: beta1 must be"),
        ("optimiser", "adam(beta1=0.8", "optimiser 'adam.beta1=0.8' cannot be read"),
        ("activation", "tanh, step", "activation 'step' is not known"),
        ("units", "0", "units must be a whole number of at least 1, not '0'"),
        ("units", "4.0", "units must be a whole number of at least 1, not '4.0'"),
        ("layers", "-1", "layers must be a whole number of at least 0, not '-1'"),
        ("net", "8-0", "the units of each layer must be a whole number of at least 1, not '0'"),
        ("net", "8--8", "the units of each layer must be a whole number of at least 1, not ''"),
        ("net", "8-res8", "the units of each layer must be a whole number of at least 1, not 'res8'"),
        ("init", "xavier", "initialiser 'xavier' is not known"),
        ("schedule", "cosine(epochs=0)", "schedule cosine: epochs must be"),
        ("dropout", "0.95", "dropout must be a number from 0 to 0.9"),
    ],
)
def test_what_is_wrong_is_named(key, text, words):
    assert re.match(words, refused(key, text).lstrip())


@each_axis
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:12]))
def test_hostile_values(key, text):
    for whole in (text, f"{AXES[key].example}, {text}"):
        sentence = refused(key, whole)
        assert "int_max_str" not in sentence  # Python's own words help nobody


@pytest.mark.parametrize("key", ["colour", "", "RATE", "rate ", "__class__", "x" * 10_000, "<script>"])
def test_an_unknown_setting(key):
    sentence = refused(key, "1, 2")
    assert sentence.startswith(repr(key[:20]))
    assert "is no setting that a lab can vary; it can be rate, batch, optimiser" in sentence
