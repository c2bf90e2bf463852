"""Stacks: what may train together, and that each member's numbers are those of its solo run to the last bit."""

import hashlib

import pytest

from nn_core.activations import ReLU, Tanh
from nn_core.initialisers import He
from nn_core.layers import Dense, Residual
from nn_core.losses import MeanSquaredError
from nn_core.optimisers import Adam, Momentum
from nn_core.schedules import Cosine
from nn_core.spec import SpecError
from playground.datasets.pictures import Digits
from playground.datasets.plane import Moons
from playground.datasets.values import Sine
from playground.experiments.config import PIXELS, Config
from playground.experiments.experiment import build
from playground.experiments.stacks import MOST_MEMBERS, PER_MEMBER, Stack, groups

BASE = Config(data=Moons(samples=60), stop_epochs=6, batch_size=10)
SEEDED = [BASE.replace(seed_weights=seed, seed_batches=seed) for seed in range(3)]


@pytest.mark.parametrize(
    "change",
    [{"seed_weights": 5}, {"seed_batches": 5}, {"learning_rate": 0.5}, {"l1": 0.1}, {"l2": 0.1}],
    ids=lambda change: next(iter(change)),
)
def test_what_may_differ_within_a_stack(change):
    assert next(iter(change)) in PER_MEMBER
    assert groups([BASE, BASE.replace(**change)]) == [[0, 1]]


@pytest.mark.parametrize(
    "change",
    [
        {"data": Moons(samples=61)},
        {"features": ("x1",)},
        {"standardise": True},
        {"hidden": (Dense(8, ReLU()),)},
        {"hidden": (Dense(9, Tanh()),)},
        {"initialiser": He()},
        {"optimiser": Momentum()},
        {"schedule": Cosine()},
        {"batch_size": 11},
        {"dropout": 0.1},
        {"seed_data": 1},
        {"seed_split": 1},
        {"validation_share": 0.2},
        {"test_share": 0.2},
        {"stop_epochs": 7},
        {"stop_accuracy": 0.9},
        {"stop_patience": 5},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_parts_a_stack(change):
    assert groups([BASE, BASE.replace(**change)]) == [[0], [1]]


def test_runs_that_may_end_apart_and_pictures_train_alone():
    alone = [
        BASE.replace(stop_accuracy=0.9),
        BASE.replace(stop_patience=3),
        Config(Digits(), PIXELS, hidden=(), stop_epochs=1),
    ]
    for config in alone:
        assert groups([config, config.replace(seed_weights=1)]) == [[0], [1]]


def test_groups_keep_the_order_of_the_first_of_each():
    wide = [config.replace(hidden=(Dense(9),)) for config in SEEDED]
    mixed = [wide[0], SEEDED[0], wide[1], SEEDED[1], SEEDED[2], wide[2]]
    assert groups(mixed) == [[0, 2, 5], [1, 3, 4]]
    assert groups([]) == []


def test_a_stack_has_so_many_members_at_most():
    many = [BASE.replace(seed_weights=seed) for seed in range(MOST_MEMBERS + 2)]
    assert [len(group) for group in groups(many)] == [MOST_MEMBERS, 2]


LIVELY = BASE.replace(
    hidden=(Dense(6, Tanh()), Residual(5, ReLU())), dropout=0.2, optimiser=Adam(), schedule=Cosine(6), standardise=True
)
VALUES = Config(Sine(samples=60), ("x1",), loss=MeanSquaredError(), hidden=(Dense(5, ReLU()),), stop_epochs=6)
STACKS = {
    "seeds": SEEDED,
    "rates and penalties": [
        LIVELY.replace(learning_rate=rate, l1=l1, l2=l2, seed_weights=seed)
        for rate, l1, l2, seed in [(0.01, 0, 0, 0), (0.1, 0.001, 0, 1), (0.03, 0, 0.01, 2), (0, 0, 0, 3)]
    ],
    "some diverge": [VALUES.replace(learning_rate=rate, batch_size=7) for rate in (0.01, 1e6, 0.05, 40.0, 1e3)],
    "all diverge": [VALUES.replace(learning_rate=1e6, seed_batches=seed) for seed in range(3)],
    "one alone": [LIVELY],
    "one that diverges": [VALUES.replace(learning_rate=1e6)],
    "full batch": [config.replace(batch_size=0) for config in SEEDED],
}


@pytest.mark.parametrize("configs", STACKS.values(), ids=STACKS)
def test_a_member_is_its_solo_run_to_the_last_bit(configs):
    stack = Stack(configs)
    assert stack.advance()
    results = stack.results()
    assert [result.config for result in results] == configs
    for result in results:
        solo = build(result.config)
        solo.trainer.run()
        assert result.state == solo.trainer.state
        assert result.steps == solo.trainer.step
        assert result.theta.tobytes() == solo.trainer.theta.tobytes()
        assert result.fingerprint == solo.fingerprint
        names = list(solo.trainer.history.last)
        assert list(result.history) == ["epochs", *names]
        for name in names:
            epochs, values = solo.trainer.history.curve(name)
            assert result.history["epochs"] == list(epochs)
            assert result.history[name] == [float(value) for value in values]
            assert result.final[name] == float(values[-1])


def test_both_ways_to_diverge_are_among_those_tested():
    stack = Stack(STACKS["some diverge"])
    stack.advance()
    assert [stack.diverged(member) for member in range(5)] == [False, True, False, True, True]
    assert len({result.steps for result in stack.results()}) > 1


def test_slices_by_the_clock_give_the_same_stack():
    whole, sliced, seen = Stack(SEEDED), Stack(SEEDED), [0.0]
    whole.advance()
    while not sliced.advance(seconds=0.0005):
        seen.append(sliced.progress)
    assert seen == sorted(seen)
    assert max(seen) < 1.0 == sliced.progress
    assert sliced.done
    for one, other in zip(whole.results(), sliced.results(), strict=True):
        assert one.same_as(other)
        assert one.theta.tobytes() == other.theta.tobytes()


def test_what_a_result_holds_does_not_change_with_the_stack():
    stack = Stack([config.replace(stop_epochs=2000) for config in SEEDED])
    stack.advance(seconds=0.001)
    result = stack.results()[0]
    before = hashlib.sha256(result.theta).digest()
    stack.advance(seconds=0.01)
    assert hashlib.sha256(result.theta).digest() == before
    assert stack.results()[0].steps > result.steps


def test_a_stack_without_an_end_and_one_that_cannot_be_built_are_refused():
    with pytest.raises(ValueError, match="needs an end: set stop_epochs"):
        Stack([BASE.replace(stop_epochs=0)])
    with pytest.raises(SpecError, match="features must be among"):
        Stack([BASE.replace(features=("x7",))])
