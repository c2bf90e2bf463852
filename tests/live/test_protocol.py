"""What a page can run has the face that the session and the channel ask of it; so have the ways of a lab."""

import inspect

import pytest

from playground.experiments.config import Config
from playground.experiments.studies import STUDIES
from playground.live.images.run import PictureRun
from playground.live.labs.check import CheckRun
from playground.live.labs.forms import FORMS
from playground.live.labs.ways import Way
from playground.live.protocol import Playable, Staged
from playground.live.run import Run
from tests.pages import LABS, PAGES, PICTURES

LAB = next(iter(LABS.values()))
SURFACE = next(page for page in LABS.values() if page.form is FORMS["surface"])
RUNS = {
    "a run": (Staged, lambda: Run(Config())),
    "a run on pictures": (Staged, lambda: PictureRun(PAGES[PICTURES[0]].default)),
    "a lab": (Staged, lambda: LAB.form.lab(LAB.recipes[0].spec)),
    "the loss surface": (Staged, lambda: SURFACE.form.lab(SURFACE.recipes[0].spec)),
    "a measurement": (Playable, lambda: CheckRun(next(one for one in STUDIES.values() if one.kind == "check"))),
    "the usual way of a lab": (Way, lambda: LAB.form.lab(LAB.recipes[0].spec).way),
    "the way of the loss surface": (Way, lambda: SURFACE.form.lab(SURFACE.recipes[0].spec).way),
}


def members(protocol: type) -> set[str]:
    """All that a protocol asks for, with what it has from others."""
    asked = {name for base in protocol.__mro__ for name in (*vars(base), *inspect.get_annotations(base))}
    return {name for name in asked if not name.startswith("_")}


@pytest.mark.parametrize("name", RUNS)
def test_it_has_all_that_is_asked_of_it(name):
    protocol, make = RUNS[name]
    made = make()
    assert len(members(protocol)) > 5
    for member in members(protocol):
        found, asked = getattr(made, member), getattr(protocol, member, None)
        if inspect.isfunction(asked):
            wanted = [one for one in inspect.signature(asked).parameters if one != "self"]
            given = inspect.signature(found).parameters
            assert list(given)[: len(wanted)] == wanted
            assert all(given[more].default is not inspect.Parameter.empty for more in list(given)[len(wanted) :])
        else:
            assert not callable(found)


def test_what_a_measurement_lacks_is_found():
    asked = members(Staged) - members(Playable)
    assert {"train", "act", "picture", "name", "buttons"} <= asked
    assert not any(hasattr(RUNS["a measurement"][1](), member) for member in asked)
