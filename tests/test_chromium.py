"""Which browser the browser tests take, and what is said where there is none."""

import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks import browser as chromium


@pytest.fixture
def bare(monkeypatch):
    """A machine without a browser."""
    monkeypatch.delenv("PLAYWRIGHT_CHROMIUM", raising=False)
    monkeypatch.setattr(chromium.shutil, "which", lambda name: None)
    monkeypatch.setattr(Path, "is_file", lambda path: False)
    return monkeypatch


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_nothing_is_found_where_there_is_nothing(bare, system):
    assert chromium.installed(system) is None


def test_the_named_one_goes_before_all_others(bare):
    bare.setattr(chromium.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert chromium.installed() == "/usr/bin/chromium"
    bare.setenv("PLAYWRIGHT_CHROMIUM", "/opt/mine")
    assert chromium.installed() == "/opt/mine"


@pytest.mark.parametrize(
    ("system", "place"),
    [
        ("darwin", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
        ("darwin", "/Applications/Chromium.app/Contents/MacOS/Chromium"),
        ("win32", "/Programs/Google/Chrome/Application/chrome.exe"),
        ("win32", "/Programs/Microsoft/Edge/Application/msedge.exe"),
    ],
)
def test_the_usual_places_of_other_systems(bare, system, place):
    bare.setenv("ProgramFiles", "/Programs")
    bare.setattr(Path, "is_file", lambda path: path.as_posix() == place)
    assert Path(chromium.installed(system)).as_posix() == place


def test_where_none_can_be_had_one_is_asked_for_once(bare):
    asked = []
    bare.setattr(subprocess, "run", lambda command, **_: asked.append(command) or SimpleNamespace(returncode=1))
    playwright = SimpleNamespace(chromium=SimpleNamespace(executable_path="/nowhere"))
    assert chromium.launch(playwright) is None
    assert [command[1:] for command in asked] == [["-m", "playwright", "install", "chromium"]]
    assert "`python -m playwright install chromium`" in chromium.MISSING
    assert chromium.MISSING.endswith(".")
    assert "\n" not in chromium.MISSING
