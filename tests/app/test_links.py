"""A page takes what the command line takes, and refuses what that refuses: every link of the corpus, on a page."""

import tomllib
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from nn_core.spec import SpecError
from playground.experiments.address import parts_of
from playground.experiments.cli import config_of
from playground.experiments.config import Config
from playground.experiments.link import page_for, show_link
from tests.app.opened import Opened

LINKS = tomllib.loads((Path(__file__).parents[1] / "corpus" / "links.toml").read_text(encoding="utf-8"))["case"]
QUERIES = [case for case in LINKS if "address" not in case["name"] and "no part" not in case["name"]]


@pytest.fixture(scope="module")
def pages():
    """One session for all links."""
    return Opened("moons")


@pytest.mark.parametrize("case", QUERIES, ids=lambda case: case["name"])
def test_page_and_command_line_agree(pages, case):
    sent = case["given"].strip(" <>“”\n").partition("#")[0].rpartition("?")[2]  # what a browser makes of it
    query: dict[str, list[str]] = {}
    for key, value in parse_qsl(sent, keep_blank_values=True):
        query.setdefault(key, []).append(value)
    parts = parts_of(case["given"])
    pages.go("digits" if page_for(parts, Config()) != Config() else "moons", query)
    if "says" in case:
        with pytest.raises(SpecError) as error:
            config_of(parts)
        assert pages.problems == [f"The link's {error.value}".replace(":", " was left out:", 1)]
        return
    assert pages.problems == []
    named, shown = show_link(config_of(parts)), show_link(pages.run.config)
    assert {key: shown[key] for key in parts} == {key: named[key] for key in parts}
