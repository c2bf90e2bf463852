"""A choice and its text: every member of every registry there and back, and every kind of bad text in one sentence."""

import math

import pytest

from nn_core.activations import ACTIVATIONS, LeakyReLU
from nn_core.layers import LAYERS, Dense, Residual
from nn_core.losses import LOSSES, MeanSquaredError
from nn_core.optimisers import OPTIMISERS, Adam, AdamW, Momentum
from nn_core.schedules import SCHEDULES, WarmUpCoolDown
from nn_core.spec import LONGEST_TEXT, SpecError, counted, knobs, read, show, split
from tests.nn_core.members import REGISTRIES, members

EVERY_MEMBER = pytest.mark.parametrize(
    ("registry", "name"), [(registry, name) for registry, table in REGISTRIES.items() for name in table]
)


@pytest.mark.parametrize(
    ("registry", "choice"),
    [(registry, case.values[0]) for registry in REGISTRIES for case in members(registry)],
    ids=str,
)
def test_text_round_trip(registry, choice):
    text = show(choice, REGISTRIES[registry])
    assert read(text, REGISTRIES[registry], "choice") == choice
    assert read(f"  {text.replace(',', ' , ').replace('=', ' = ')}  ", REGISTRIES[registry], "choice") == choice
    assert len(text) <= LONGEST_TEXT


@EVERY_MEMBER
def test_text_round_trip_with_knobs_at_their_bounds_and_at_ugly_numbers(registry, name):
    table, kind = REGISTRIES[registry], REGISTRIES[registry][name]
    for knob in knobs(kind):
        values = [bound for bound in (knob.low, knob.high) if bound is not None]
        if isinstance(knob.default, float) and values:
            low, high = knob.low, knob.high
            values += [low + (high - low) / 3, math.nextafter(low, high), math.nextafter(high, low)]
        for value in values:
            choice = kind(**{knob.name: value})
            assert read(show(choice, table), table, registry) == choice
            assert type(getattr(choice, knob.name)) is type(knob.default)


@EVERY_MEMBER
def test_every_member_explains_itself(registry, name):
    kind = REGISTRIES[registry][name]
    assert kind.label
    assert kind.__doc__
    assert not kind.__doc__.startswith(f"{kind.__name__}(")  # its own words, not those that dataclass makes up
    for knob in knobs(kind):
        assert knob.label
        assert knob.help.endswith(".")
        assert kind()  # every knob has a valid default
        assert not isinstance(knob.default, str) or knob.choices  # a free text could not be told from brackets


def test_text_by_hand():
    assert show(Adam(), OPTIMISERS) == "adam"
    assert show(Adam(beta2=0.99, epsilon=1e-7), OPTIMISERS) == "adam(beta2=0.99,epsilon=1e-07)"
    assert show(AdamW(), OPTIMISERS) == "adamw"  # not an Adam with a name that begins alike
    assert show(WarmUpCoolDown(warm_up=3, floor=0), SCHEDULES) == "warm_up(warm_up=3,floor=0)"
    assert show(MeanSquaredError("half"), LOSSES) == "mse(mean_over=half)"
    nested = Dense(16, LeakyReLU(0.1))
    assert show(nested, LAYERS) == "dense(units=16,activation=leaky_relu(slope=0.1))"
    assert read("residual(activation=leaky_relu(slope=.1),units=7)", LAYERS, "layer") == Residual(7, LeakyReLU(0.1))
    assert read("adam()", OPTIMISERS, "optimiser") == Adam()
    assert split("a,b(c,d(e,f)),g") == ["a", "b(c,d(e,f))", "g"]


JUNK = {
    "unknown name": ("lion", OPTIMISERS),
    "empty": ("", OPTIMISERS),
    "spaces": ("   ", OPTIMISERS),
    "other case": ("Adam", OPTIMISERS),
    "unknown knob": ("adam(beta3=0.5)", OPTIMISERS),
    "knob of none": ("sgd(momentum=0.5)", OPTIMISERS),
    "no value": ("adam(beta1)", OPTIMISERS),
    "empty value": ("adam(beta1=)", OPTIMISERS),
    "twice": ("adam(beta1=0.5,beta1=0.6)", OPTIMISERS),
    "text for a number": ("adam(beta1=abc)", OPTIMISERS),
    "too high": ("adam(beta1=1)", OPTIMISERS),
    "too low": ("momentum(momentum=-0.1)", OPTIMISERS),
    "nan": ("adam(beta1=nan)", OPTIMISERS),
    "inf": ("adamw(weight_decay=inf)", OPTIMISERS),
    "minus inf": ("elu(alpha=-inf)", ACTIVATIONS),
    "1e999": ("elu(alpha=1e999)", ACTIVATIONS),
    "10^9 units": ("dense(units=1000000000)", LAYERS),
    "no units": ("dense(units=0)", LAYERS),
    "half a unit": ("dense(units=2.5)", LAYERS),
    "many digits": (f"dense(units={'9' * 300})", LAYERS),
    "unknown word": ("mse(mean_over=moon)", LOSSES),
    "unknown nested": ("dense(activation=relu6)", LAYERS),
    "bad nested": ("dense(activation=leaky_relu(slope=5))", LAYERS),
    "layer in layer": ("dense(activation=dense(activation=tanh))", LAYERS),
    "nested junk": ("dense(activation=" * 20 + ")" * 20, LAYERS),
    "brackets open": ("adam(beta1=0.5", OPTIMISERS),
    "brackets closed": ("adam)beta1=0.5(", OPTIMISERS),
    "one bracket more": ("adam(beta1=0.5))", OPTIMISERS),
    "two lines": ("adam(beta1=\n0.x)", OPTIMISERS),
    "markup": ("<script>alert(1)</script>", OPTIMISERS),
    "5,000 characters": ("a" * 5000, OPTIMISERS),
    "5,000 brackets": ("(" * 5000, OPTIMISERS),
    "5,000 digits": (f"dense(units={'9' * 5000})", LAYERS),
}


@pytest.mark.parametrize(("text", "registry"), JUNK.values(), ids=JUNK)
def test_bad_text_is_told_in_one_sentence(text, registry):
    with pytest.raises(SpecError) as caught:
        read(text, registry, "optimiser")
    assert_sentence(str(caught.value))
    assert "optimiser" in str(caught.value)


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda: Momentum(1.5), "momentum"),
        (lambda: Momentum(math.nan), "momentum"),
        (lambda: Momentum("0.5"), "momentum"),
        (lambda: Momentum(None), "momentum"),
        (lambda: Momentum([0.5, 0.6]), "momentum"),
        (lambda: Dense(10**9), "units"),
        (lambda: Dense(2.5), "units"),
        (lambda: Dense(True), "units"),
        (lambda: Dense(math.inf), "units"),
        (lambda: Dense(8, "tanh"), "activation"),
        (lambda: Dense(8, LeakyReLU), "activation"),
        (lambda: Dense(8, Adam()), "activation"),
        (lambda: MeanSquaredError("quarter"), "mean_over"),
        (lambda: MeanSquaredError(1), "mean_over"),
    ],
)
def test_a_bad_choice_is_never_made(make, names):
    with pytest.raises(SpecError, match=names) as caught:
        make()
    assert_sentence(str(caught.value))


def test_numbers_of_other_kinds_become_the_knobs_own():
    assert Dense(8.0).units == 8
    assert type(Dense(8.0).units) is int
    assert type(Momentum(0).momentum) is float


def assert_sentence(text: str) -> None:
    """One line that ends in a full stop, of bearable length."""
    assert text.endswith(".")
    assert "\n" not in text
    assert len(text) < 300


def test_things_are_counted():
    assert counted(1, "epoch") == "1 epoch"
    assert counted(0, "epoch") == "0 epochs"
    assert counted(1024, "sample") == "1,024 samples"
    assert [counted(count, "run ends", "runs end") for count in (1, 2)] == ["1 run ends", "2 runs end"]
