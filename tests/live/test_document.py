"""docs/frame.md says what goes over the wire, both ways, and nothing else: it is compared with what does."""

import json
import re

import pytest

from playground.datasets.pictures import Digits
from playground.datasets.plane import Blobs
from playground.experiments.config import PIXELS, Config
from playground.live import messages, wire
from playground.live.channel import Channel
from playground.live.frame import Frame, Sent
from playground.live.images.run import PictureRun
from playground.live.labs.axes import axis
from playground.live.labs.lab import Lab
from playground.live.labs.painters import grid_frame
from playground.live.labs.spec import LabSpec
from playground.live.messages import Malformed, Request, read_request
from playground.live.run import SLOWLY, STEPS, Run
from playground.ui.own import paint_points
from playground.ui.session import Session
from tests.live.frames import Reader, unpack
from tests.live.test_painter import DOCUMENT, first_cells, part_of_document
from tests.pages import ROOT

WIRE = part_of_document("The wire")
STAGE = ROOT / "playground" / "static" / "stage"
CODE = {file.relative_to(STAGE).as_posix(): file.read_text(encoding="utf-8") for file in sorted(STAGE.rglob("*.js"))}


def table(head: str) -> dict[str, list[str]]:
    """The rows of the wire's table whose first column has this head: by their first cell, the others."""
    body = re.search(rf"^\| {head} \|.*\n\|[-|]+\n((?:\|.*\n)+)", WIRE, re.MULTILINE)[1]
    rows = [[cell.strip() for cell in row.strip("|").split(" | ")] for row in body.splitlines()]
    return {first.strip("` "): others for first, *others in rows}


# --- what the stage says --------------------------------------------------------------------------------------------


def test_the_keys_of_a_message():
    """Each that is told of is needed, and no other is taken; the stage's own code says the same."""
    told = set(table("message key"))
    example = json.loads(re.search(r"`(\{\"stage\".*?\})`", WIRE)[1].replace("[..]", "[]"))
    assert set(example) == told == set(Request._fields)
    assert read_request(json.dumps(example)) == Request(**example | {"deeds": ()})
    for key in told:
        with pytest.raises(Malformed):
            read_request(json.dumps({name: value for name, value in example.items() if name != key}))
    with pytest.raises(Malformed):
        read_request(json.dumps(example | {"more": 1}))
    (said,) = re.findall(r"socket\.send\(JSON\.stringify\(\{(.*?)\}\)\)", CODE["base/wire.js"])
    assert {part.split(":")[0].strip() for part in said.split(",")} == told


def test_the_bounds():
    told = {name: int(value.replace(",", "")) for name, (value, *_) in table("bound").items()}
    names = [(module, name) for module in (messages, wire) for name in vars(module) if name.startswith("MOST_")]
    assert told == {name: getattr(module, name) for module, name in names}


VALUES = {
    "press": {"button": "step"},
    "feature": {"key": "x1x2"},
    "units": {"layer": 0, "by": 1},
    "layer": {"by": 1},
    "weight": {"column": 0, "from": 0, "to": 1, "value": 0.5},
    "bias": {"column": 0, "to": 1, "value": 0.5},
    "paint": {"points": [[0.1, 0.2], [0.3, 0.4]], "class": 1},
    "ink": {"strokes": [[[0.1, 0.2], [0.3, 0.4]]]},
    "picture": {"index": 3},
    "view": {"view": "mistakes"},
    "cell": {"row": 0, "column": 1},
}


def channels() -> dict[str, Channel]:
    """One of each kind of page."""
    config = Config(data=Blobs(samples=40, classes=2))
    memory = Session(runs={"own_data": Run(config)}, page="own_data")
    pixels = Config(data=Digits(samples=120), features=PIXELS, batch_size=20)
    return {
        "plane": Channel(memory.runs["own_data"], {"paint": lambda deed: paint_points(memory, "own_data", deed)}),
        "pictures": Channel(PictureRun(pixels)),
        "lab": Channel(Lab(LabSpec(config.replace(stop_epochs=2), axis("rate", "0.1, 1")), grid_frame)),
    }


def done(channel: Channel, deed: dict) -> bool:
    """Whether a deed could be done."""
    channel.answer(Request(f"{deed}", 1, ({"number": 1} | deed,)), Sent())
    return channel.take_problems() == []


def test_the_deeds():
    """Each is done on the pages that it is for, with the keys that are told of, and not without one of them."""
    told = {kind: re.findall(r"`(\w+)`", keys) for kind, (keys, _) in table("deed").items()}
    assert {kind: list(values) for kind, values in VALUES.items()} == told
    for kind, values in VALUES.items():
        pages = [page for page, channel in channels().items() if done(channel, {"kind": kind} | values)]
        assert pages, kind
        for page in pages:
            for key in values:
                less = {name: value for name, value in values.items() if name != key}
                assert not done(channels()[page], {"kind": kind} | less), (kind, key)


def test_the_stage_does_what_the_document_tells_of():
    """The kinds of deeds in the stage's code: those that are handed to `act`, and those that wait for a click."""
    text = "\n".join(CODE.values())
    found = set(re.findall(r"act(?:\(| = |: )\{ kind: \"(\w+)\"", text))
    found |= set(re.findall(r"to = \(by\) => \(\{ kind: \"(\w+)\"", text))
    made = CODE["plane/targets.js"]
    found |= set(re.findall(r"return \{ kind: \"(\w+)\"", made[made.index("function editFor") :]))
    found |= {
        kind for kind in ("units", "layer") if re.search(rf'buttons\.push\(\{{ kind: "{kind}"', CODE["plane/layout.js"])
    }
    assert found - {"clear"} == set(table("deed"))  # to clear is a drawing without strokes


# --- what the server says -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", channels())
def test_the_keys_of_the_wire(page):
    """What the channel adds to the page's own header, in the frame of the page and in those of the wire."""
    told = set(table("wire key"))
    channel = channels()[page]
    own = set(channel.run.picture().header)
    first = set(unpack(channel.show(channel.run))[0]) - {"arrays"}
    answer = set(Reader().take(channel.answer(Request("a", 1), Sent()))[0])
    assert first - own == told - {"answers", "acted", "gone"}
    assert answer - own == told - {"gone", "token"}
    assert own <= first & answer
    assert not own & told


def test_what_is_gone_has_the_name_that_is_told_of():
    sent = Sent()
    first = sent.pack(Frame({"a": 1}, {}))
    reader = Reader()
    reader.take(first)
    assert reader.take(sent.pack(Frame({}, {})))[0] == {}
    assert "gone" in table("wire key")


def test_the_words_of_due():
    words = table("wire key")["due"][0]
    code = (ROOT / "playground" / "live" / "channel.py").read_text(encoding="utf-8")
    (line,) = [line for line in code.splitlines() if line.strip().startswith("due = ")]
    assert set(re.findall(r'"(\w*)"', line)) == {*re.findall(r"`(\w+)`", words.split(". ")[0]), ""}
    assert set(re.findall(r"(\w+): \d+", re.search(r"const PRESSED = \{(.*?)\}", CODE["base/board.js"])[1])) == {
        "page",
        "transport",
    }


def test_the_close_codes():
    told = {int(code) for code in table("close code")}
    assert told == {value for value in vars(wire).values() if type(value) is int and 4000 <= value < 5000}
    assert {int(code) for code in re.findall(r"= (4\d\d\d);", CODE["base/wire.js"])} <= told


def test_the_one_text():
    assert f"`{wire.NEWS}`" in WIRE
    assert f'const NEWS = "{wire.NEWS}"' in CODE["base/wire.js"]
    assert f'setTriggerValue("{wire.NEWS}"' in CODE["base/board.js"]  # the trigger of the component has the same name
    assert f"`{wire.NEWS}`" in part_of_document("What the stage tells the page")


def test_the_pace():
    (pace,) = re.findall(r"^\| `pace_ms` \| (.*) \|$", DOCUMENT, re.MULTILINE)
    assert re.findall(r"\d+", pace) == ["0", str(SLOWLY)]
    run = Run(Config())
    assert run.picture().header["pace_ms"] == 0
    for run.speed in STEPS:
        assert run.picture().header["pace_ms"] == SLOWLY


def test_whatever_the_stage_reads_of_a_header_is_told_of():
    told = {*first_cells(DOCUMENT), *re.findall(r"`header\.(\w+)", DOCUMENT)}
    read = {name: set(re.findall(r"\bheader\.(\w+)", text)) for name, text in CODE.items()}
    assert sum(map(len, read.values())) > 60
    assert {name: keys - told for name, keys in read.items() if keys - told} == {}


def test_nothing_is_told_of_what_is_gone():
    for word in ("watchdog", "fragment", "asked", "whole`", "next`", "outbox"):
        assert word not in DOCUMENT, word
