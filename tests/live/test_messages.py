"""What a stage may say is read strictly, and whatever somebody else says harms neither the server nor the run."""

import json
import random

import numpy as np
import pytest

from nn_core.activations import ReLU, Tanh
from nn_core.layers import Dense
from playground.datasets.pictures import Digits
from playground.datasets.plane import Blobs, Moons
from playground.experiments.config import PIXELS, Config
from playground.live.budget import Budget
from playground.live.channel import MOST_PROBLEMS, Channel
from playground.live.frame import Sent
from playground.live.images.painter import VIEWS
from playground.live.images.run import PictureRun
from playground.live.labs.axes import axis
from playground.live.labs.lab import Lab
from playground.live.labs.painters import grid_frame
from playground.live.labs.spec import LabSpec
from playground.live.messages import (
    MOST_CHARACTERS,
    MOST_DEEDS,
    MOST_DEPTH,
    MOST_NUMBER,
    MOST_STAGE,
    Malformed,
    Request,
    read_request,
)
from playground.live.run import Run
from playground.ui.own import paint_points
from playground.ui.session import Session
from tests.live.frames import Reader

FUZZED = 10_000  # messages in all


def said(**changes) -> str:
    """A message as the stage writes it, with some of it changed."""
    return json.dumps({"stage": "a", "number": 1, "deeds": []} | changes)


def with_deed(**changes) -> str:
    return said(deeds=[{"kind": "press", "number": 1, "button": "play"} | changes])


# --- what is read ---------------------------------------------------------------------------------------------------


def test_what_a_stage_says():
    deeds = ({"kind": "press", "button": "play", "number": 3}, {"kind": "ink", "strokes": [[[0.5, 1]]], "number": 4})
    text = said(stage="m1-x", number=7, deeds=deeds)
    assert read_request(text) == read_request(text.encode()) == Request("m1-x", 7, deeds)
    assert read_request(said(number=0)) == Request("a", 0, ())


@pytest.mark.parametrize(
    "text",
    [
        said(number=MOST_NUMBER),
        said(stage="x" * MOST_STAGE),
        said(deeds=[{"kind": "", "number": n} for n in range(MOST_DEEDS)]),
        with_deed(kind="of another page", more={"a": None}),
        said(stage="x", deeds=[{"kind": "ink", "number": 1, "text": "y" * (MOST_CHARACTERS - 100)}]),
    ],
    ids=["number", "stage", "deeds", "kind", "characters"],
)
def test_the_most_that_is_read(text):
    assert isinstance(read_request(text), Request)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "null", "true", "1", '"a"', "[]", "{}", "{", "\x00", "\ufeff" + said(), said() + "x", said() * 2),
        *(b"\xff\xfe\xfd", b"\x80abc", said().encode("utf-16")[:-1]),
        json.dumps({"stage": "a", "number": 1}),
        json.dumps({"stage": "a", "deeds": []}),
        said(more=1),
        said(stage=""),
        said(stage="x" * (MOST_STAGE + 1)),
        said(stage=None),
        said(stage=["a"]),
        *(said(number=value) for value in (-1, MOST_NUMBER + 1, 1.0, "1", True, None, [1], 10**19)),
        *(said(deeds=value) for value in (None, {}, "", 1, [1], [None], [[]], ["press"], [{}])),
        *(with_deed(number=value) for value in (-1, MOST_NUMBER + 1, 1.5, 1.0, "1", True, None, [])),
        *(with_deed(kind=value) for value in (None, 1, True, [], {})),
        said(deeds=[{"kind": "press"}]),
        said(deeds=[{"number": 1}]),
        said(deeds=[{"kind": "view", "number": n} for n in range(MOST_DEEDS + 1)]),
        said(deeds=[{"kind": "ink", "number": 1, "text": "y" * MOST_CHARACTERS}]),
    ],
    ids=lambda text: str(text)[:60],
)
def test_what_is_not_read(text):
    with pytest.raises(Malformed, match=r"\S") as caught:
        read_request(text)
    assert len(str(caught.value)) < 200  # nothing of what was said is said again at length


NO_NUMBERS = [
    *("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1" * 21, "-" + "1" * 20, "1" * 100_000, "1e" + "9" * 99),
    *("01", "+1", "1.", ".5", "0x1", "1_0"),
]


@pytest.mark.parametrize("number", NO_NUMBERS, ids=lambda text: text[:24])
def test_numbers_that_are_none(number):
    for text in (
        f'{{"stage": "a", "number": {number}, "deeds": []}}',
        f'{{"stage": "a", "number": 1, "deeds": [{{"kind": "bias", "number": 1, "value": {number}}}]}}',
        f'{{"stage": "a", "number": 1, "deeds": [{{"kind": "ink", "number": 1, "strokes": [[[{number}, 0]]]}}]}}',
    ):
        with pytest.raises(Malformed):
            read_request(text)


def test_numbers_at_the_ends():
    ends = "[1e308, -0.0, 1e-999, -9999999999999999999]"
    text = f'{{"stage": "a", "number": 1, "deeds": [{{"kind": "k", "number": 1, "ends": {ends}}}]}}'
    assert read_request(text).deeds[0]["ends"] == [1e308, 0.0, 0.0, -9999999999999999999]


@pytest.mark.parametrize("pair", ["[]", "{}"])
def test_nesting(pair):
    """At every depth: what the parser itself can no longer take is refused as well, whatever comes first."""
    head, tail = ("[", "]") if pair == "[]" else ('{"a":', "}")

    def nested(depth: int) -> str:
        inner = head * depth + "1" + tail * depth
        return f'{{"stage": "a", "number": 1, "deeds": [{{"kind": "ink", "number": 1, "strokes": {inner}}}]}}'

    for depth in range(MOST_DEPTH):
        assert isinstance(read_request(nested(depth)), Request)
    for depth in (*range(MOST_DEPTH, 1200), 10_000, 40_000):
        with pytest.raises(Malformed):
            read_request(nested(depth))
    with pytest.raises(Malformed):
        read_request("[" * MOST_CHARACTERS)


# --- what it does: 10,000 messages ----------------------------------------------------------------------------------

PLANE = Config(data=Moons(samples=60), hidden=(Dense(3, Tanh()),), batch_size=10)
PIXEL = Config(data=Digits(samples=120), features=PIXELS, hidden=(Dense(6, ReLU()),), batch_size=20)


def _plane():
    return Channel(Run(PLANE))


def _own():
    memory = Session(runs={"own_data": Run(PLANE.replace(data=Blobs(samples=40, classes=2)))}, page="own_data")
    return Channel(memory.runs["own_data"], {"paint": lambda deed: paint_points(memory, "own_data", deed)})


def _pictures():
    return Channel(PictureRun(PIXEL))


def _lab():
    return Channel(
        Lab(LabSpec(PLANE.replace(stop_epochs=50), axis("rate", "0.1, 1"), axis("batch", "5, 9")), grid_frame)
    )


CHANNELS = {"plane": _plane, "own data": _own, "pictures": _pictures, "lab": _lab}
# What stages do, of every page: each channel hears all of it.
DEEDS = [
    *({"kind": "press", "button": button} for button in ("play", "pause", "step", "epoch", "rewind", "weights")),
    {"kind": "feature", "key": "x1x2"},
    {"kind": "units", "layer": 0, "by": 1},
    {"kind": "units", "layer": 0, "by": -1},
    {"kind": "layer", "by": 1},
    {"kind": "layer", "by": -1},
    {"kind": "weight", "column": 0, "from": 0, "to": 1, "value": 0.5},
    {"kind": "weight", "column": 1, "from": 2, "to": 0, "value": -3},
    {"kind": "bias", "column": 0, "to": 1, "value": 0.25},
    {"kind": "paint", "points": [[0.1, 0.2], [-1, 1]], "class": 1},
    {"kind": "ink", "strokes": [[[0.1, 0.2], [0.5, 0.9]], [[0.4, 0.4]]]},
    {"kind": "picture", "index": 3},
    *({"kind": "view", "view": view} for view in VIEWS),
    {"kind": "cell", "row": 1, "column": 0},
]
KINDS = [deed["kind"] for deed in DEEDS] + ["", "act", "__init__"]
NASTY = [
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        2,
        64,
        65,
        2**31,
        2**63,
        -(2**63),
        2**64,
        10**19,
        MOST_NUMBER,
        0.5,
        -0.0,
        1e-320,
        1e308,
    ),
    *("", "x1", "play", "kind", "nan", "inf", "1", "\x00", "\ud800", "<b>", "__class__", "é" * 300, "run", "session"),
    *([], {}, [[]], [None], [[[]]], [[[0, 1, 2]]], [[0]], [[[1e308, -1e308]]], {"a": 1}, [1, [2, [3, [4]]]]),
    [[0.5, 0.5]] * 2001,
    [[[0.5, 0.5]] * 2001],
]
RAW = [
    "NaN",
    "1e999",
    "-Infinity",
    "1" * 400,
    "[" * 3000,
    "]",
    "{",
    '"',
    "\\",
    "\\ud83d",
    ",",
    ":",
    "null",
    "\x7f",
    "€",
]


class Chance(random.Random):
    """The same messages in every run of the tests."""

    told = 0  # deeds

    def message(self) -> str:
        """One message: as a stage says it, or with its deeds changed, or anything in it, or its text torn, or noise."""
        tree = {"stage": self.choice("ab"), "number": self.randrange(1000), "deeds": self.deeds()}
        way = self.random()
        if way < 0.1:
            for _ in range(self.choice((1, 2, 4))):
                tree = self.changed(tree)
        text = json.dumps(tree, ensure_ascii=self.random() < 0.5)
        if 0.08 < way < 0.25:
            for _ in range(self.choice((1, 1, 2, 5))):
                text = self.torn(text)
        if way > 0.97:
            text = "".join(self.choices('{}[]",:0123456789.eE+-truefalsn \\/bu\x00é', k=self.randrange(200)))
        return text

    def deeds(self) -> list[dict]:
        return [self.deed() for _ in range(self.choice((0, 1, 1, 1, 2, 3)))]

    def deed(self) -> dict:
        """As a stage tells it, or with its values changed; now and then one that was told before."""
        deed = self.choice(DEEDS)
        for _ in range(self.choice((0, 0, 1, 1, 2))):
            key = self.choice(list(deed))
            deed = deed | {key: self.changed(deed[key])} if key != "kind" else deed | {key: self.choice(KINDS)}
        self.told += 1
        return deed | {"number": self.told - (self.random() < 0.05) * self.randrange(20)}

    def changed(self, tree):
        """The tree with one value somewhere in it replaced, left out, or given another name."""
        if not isinstance(tree, dict | list) or not tree or self.random() < 0.15:
            return self.choice(NASTY)
        keys = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
        key, copy = self.choice(keys), tree.copy()
        way = self.random()
        if way < 0.1:
            del copy[key]
        elif way < 0.2 and isinstance(tree, dict):
            copy[str(self.choice(NASTY))[:40]] = copy.pop(key)
        elif way < 0.25 and isinstance(tree, list):
            copy.append(copy[key])
        else:
            copy[key] = self.changed(copy[key])
        return copy

    def torn(self, text: str) -> str:
        at, end = sorted(self.randrange(len(text) + 1) for _ in range(2))
        end = min(end, at + self.randrange(12))
        return text[:at] + self.choice((*RAW, "", "", text[at:end] * 2, chr(self.randrange(0x110000)))) + text[end:]


@pytest.mark.parametrize("page", CHANNELS)
def test_whatever_is_said_is_answered_or_refused_and_the_run_is_unharmed(page, monkeypatch):
    monkeypatch.setattr(Budget, "slice_for", lambda self, session: 1e-4)
    monkeypatch.setattr(Lab, "haste", 1)
    chance, channel = Chance(f"{page} 1"), CHANNELS[page]()
    sent, reader = Sent(), Reader()
    answered = refused = done = 0
    sentences = set()
    for number in range(FUZZED // len(CHANNELS)):
        text = chance.message()
        try:
            request = read_request(text)
        except Malformed:
            refused += 1
            continue
        before = channel._acted.get(request.stage, 0)
        header, arrays = reader.take(channel.answer(request, sent))
        answered += 1
        done += sum(deed["number"] > before for deed in request.deeds)
        assert header["answers"] == request.number
        assert header["acted"] == max([before, *(deed["number"] for deed in request.deeds)])
        if (
            header["acted"] > chance.told
        ):  # a number that ran ahead: nothing that the stage tells would be done any more
            channel._acted.clear()
        assert len(channel._problems) <= MOST_PROBLEMS
        sentences.update(channel.take_problems())
        if number % 50 == 0:
            assert all(np.all(np.isfinite(array)) or name == "curves" for name, array in arrays.items())
    # It has been a test of something: of each kind there were many.
    assert answered > 1500
    assert refused > 300
    assert done > 1500
    assert len(sentences) >= 2
    for sentence in sentences:
        assert sentence == sentence.encode().decode()  # Streamlit can send it
        assert "\n" not in sentence
        assert sentence.endswith(".")
        assert len(sentence) < 300
    unharmed(channel)


def unharmed(channel: Channel) -> None:
    """The run is a valid one, plays and stops, and is what its config says."""
    run = channel.run
    run.pause()
    if isinstance(run, Lab):
        again = Lab(run.spec, grid_frame)
        assert again.configs == run.configs
        run.apply(run.spec)
    else:
        again = type(run)(run.config, run.own)
        run.rewind()
        assert run.experiment.fingerprint == again.experiment.fingerprint
    run.play()
    for _ in range(100):
        run.train(0.01)
    assert run.finished if isinstance(run, Lab) else run.trainer.step > 0
    run.pause()
    assert Reader().take(Sent().pack(run.picture()))[0]["playing"] is False
