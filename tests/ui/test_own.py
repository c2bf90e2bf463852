"""Painted points: a stroke on the output adds to what is on the screen; a bad one has its sentence and adds nothing."""

import pytest

from nn_core.activations import Tanh
from nn_core.layers import Dense
from playground.datasets.plane import Blobs
from playground.experiments.config import Config, Own
from playground.live.run import Run
from playground.ui import own, session

START = Config(data=Blobs(samples=60, classes=2), hidden=(Dense(3, Tanh()),))


@pytest.fixture
def memory(monkeypatch):
    found = session.Session(runs={"own_data": Run(START)}, page="own_data")
    monkeypatch.setattr(session, "session", lambda: found)
    return found


def points_of(memory):
    data = memory.runs["own_data"].experiment.data
    return sum(len(part) for part in (data.train, data.validation, data.test))


def stroke(points, label):
    return {"kind": "paint", "points": points, "class": label, "number": 1}


def test_a_stroke_adds_to_the_points_on_the_screen(memory):
    own.paint_points(memory, "own_data", stroke([[0.5, -1.25], [0.75, -1.0]], 1))
    assert points_of(memory) == 62
    assert isinstance(session.current().config.data, Own)
    own.paint_points(memory, "own_data", stroke([[0, 0]], 0))
    assert points_of(memory) == 63
    assert memory.points[-3:] == [(0.5, -1.25, 1), (0.75, -1.0, 1), (0.0, 0.0, 0)]


def test_a_new_class_needs_two_points(memory):
    with pytest.raises(ValueError, match="Class 'class 3' has only 1 point"):
        own.paint_points(memory, "own_data", stroke([[0, 0]], 2))
    assert points_of(memory) == 60
    assert session.current().config == START
    own.paint_points(memory, "own_data", stroke([[0, 0], [1, 1], [0, 1], [1, 0]], 2))
    assert session.current().experiment.data.classes == ("class 1", "class 2", "class 3")


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ({"kind": "paint"}, "The stroke did not arrive whole; paint it again."),
        (stroke([[0, 0]], None), "The stroke did not arrive whole"),
        (stroke([[0]], 0), "The stroke did not arrive whole"),
        (stroke([["a", 0]], 0), "The stroke did not arrive whole"),
        (stroke(None, 0), "The stroke did not arrive whole"),
        (stroke([[0, 0]], 5), "A class must be one of the 5 brushes."),
        (stroke([[0, 0]], -1), "A class must be one of the 5 brushes."),
        (stroke([[float("nan"), 0]], 0), "both must be finite numbers"),
        (stroke([[1e300, 0]], 0), "both must be finite numbers"),
        (stroke([[0, 0]] * 2000, 0), "There can be 2,000 painted points at most; clear some first."),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_stroke_that_cannot_be_used(memory, action, words):
    with pytest.raises(ValueError, match=r"\.$") as caught:
        own.paint_points(memory, "own_data", action)
    assert words in str(caught.value)
    assert points_of(memory) == 60
    assert (memory.own, memory.points) == (None, [])
    assert session.current().config == START


def test_a_stroke_that_comes_late_reaches_the_page_that_it_was_painted_on(memory):
    memory.runs["moons"], memory.page = Run(START), "moons"
    own.paint_points(memory, "own_data", stroke([[0.5, -1.25]], 1))
    assert points_of(memory) == 61
    assert memory.runs["moons"].config == START


def test_painting_on_many_points_begins_anew(memory):
    session.current().apply(START.replace(data=Blobs(samples=1200, classes=2)))
    with pytest.raises(ValueError, match="There are 2 points; paint at least 4"):
        own.paint_points(memory, "own_data", stroke([[0, 0], [1, 1]], 0))
