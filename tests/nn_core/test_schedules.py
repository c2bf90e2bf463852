"""Schedules against values worked out by hand, between whole epochs too; PyTorch's are in test_torch.py."""

import pytest

from nn_core.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    ExponentialDecay,
    StepDecay,
    TimeBasedDecay,
    WarmUpCoolDown,
)
from tests.nn_core.members import members

BY_HAND = [
    (Constant(), {0: 1, 0.5: 1, 1e6: 1}),
    (StepDecay(every=10, gamma=0.5), {0: 1, 9.99: 1, 10: 1 / 2, 25: 1 / 4, 30: 1 / 8}),
    (StepDecay(every=1, gamma=0), {0.9: 1, 1: 0, 7: 0}),
    (ExponentialDecay(gamma=0.81), {0: 1, 0.5: 0.9, 1: 0.81, 2: 0.6561}),
    (TimeBasedDecay(decay=0.25), {0: 1, 2: 2 / 3, 4: 1 / 2, 12: 1 / 4, 36: 1 / 10}),
    # half a cosine wave: cos 60 degrees = 1/2 after a third, cos 90 = 0 half-way, cos 120 = -1/2 after two thirds
    (Cosine(epochs=30), {0: 1, 10: 3 / 4, 15: 1 / 2, 20: 1 / 4, 30: 0, 1000: 0}),
    (Cosine(epochs=30, floor=0.2), {0: 1, 10: 0.8, 15: 0.6, 20: 0.4, 30: 0.2, 31: 0.2}),
    (
        WarmUpCoolDown(warm_up=4, hold=6, cool_down=10, floor=0.2),
        {0: 0.2, 1: 0.4, 2.5: 0.7, 4: 1, 7: 1, 10: 1, 15: 0.6, 17.5: 0.4, 20: 0.2, 99: 0.2},
    ),
    (WarmUpCoolDown(warm_up=0, hold=0, cool_down=2, floor=0), {0: 1, 0.5: 0.75, 1: 0.5, 2: 0, 3: 0}),
]


@pytest.mark.parametrize(("schedule", "values"), BY_HAND, ids=str)
def test_by_hand(schedule, values):
    assert {epoch: pytest.approx(schedule.factor(epoch), abs=1e-15) for epoch in values} == values


@pytest.mark.parametrize("name", SCHEDULES)
def test_each_has_values_by_hand(name):
    done = {type(schedule) for schedule, _ in BY_HAND}
    assert SCHEDULES[name] in done, f"work out a few values of {name} by hand and add them to BY_HAND in {__name__}"


@pytest.mark.parametrize("schedule", members("schedules"))
def test_factor_lies_between_0_and_1_for_ever(schedule):
    assert all(0 <= schedule.factor(epoch) <= 1 for epoch in (0, 0.01, 1, 9.5, 100, 12_345.6, 1e9))
