"""What the widgets are made of: every knob of every choice has a widget that can show it."""

import pytest

from nn_core.activations import ACTIVATIONS
from nn_core.optimisers import OPTIMISERS
from nn_core.schedules import SCHEDULES
from nn_core.spec import knobs
from playground.datasets.registry import DATASETS
from playground.experiments.config import BATCHES, Config
from playground.ui.controls import DROPOUTS, RATES, STRENGTHS
from playground.ui.widgets import KNOBS, _format, _members, _replaced, _step

ALL = [
    (kind, knob)
    for registry in (ACTIVATIONS, OPTIMISERS, SCHEDULES, DATASETS)
    for kind in registry.values()
    for knob in knobs(kind)
]


@pytest.mark.parametrize(("kind", "knob"), ALL, ids=lambda value: getattr(value, "name", getattr(value, "label", "")))
def test_every_knob_explains_itself_and_can_be_stepped(kind, knob):
    assert knob.label
    assert knob.help.strip().endswith(".")
    if isinstance(knob.default, (int, float)) and not isinstance(knob.default, bool):
        step = _step(knob, knob.default)
        assert type(step) is type(knob.default)
        assert step > 0
        assert _format(knob.default) in ("%d", "%g")
        if knob.low is not None and knob.high is not None:
            assert step < knob.high - knob.low


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("learning_rate", RATES),
        ("batch_size", BATCHES),
        ("l1", STRENGTHS),
        ("l2", STRENGTHS),
        ("dropout", DROPOUTS),
    ],
)
def test_what_the_boxes_offer_is_allowed(name, values):
    for value in values:
        assert KNOBS[name].check(value) == value
    assert len(set(values)) == len(values)


def test_one_knob_of_a_choice_is_turned_and_the_others_stay():
    adam = OPTIMISERS["adam"](beta1=0.5, beta2=0.9)
    assert _replaced(adam, "beta2", 0.99) == OPTIMISERS["adam"](beta1=0.5, beta2=0.99)
    assert set(KNOBS) == {knob.name for knob in knobs(Config)}


@pytest.mark.parametrize("registry", [ACTIVATIONS, OPTIMISERS, SCHEDULES])
def test_help_names_each_member_once(registry):
    text = _members(registry)
    for member in registry.values():
        assert text.count(f"- **{member.label}**: ") == 1
