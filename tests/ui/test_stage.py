"""The stage's modules: the browser is told of each, none is left unused, and imports go from room to room."""

import re

from playground.live.images.painter import VIEWS
from playground.ui.stage import FOLDER, LOADER, MODULES
from tests.pages import ROOT

# What each room may import besides itself; the door is open to all.
BELOW = {"base": set(), "panels": {"base"}, "plane": {"base", "panels"}, "images": {"base", "panels"}, "labs": {"base"}}


def imports(module: str) -> set[str]:
    """The modules that a module imports, from the stage's folder."""
    text = re.sub(
        r"/\*.*?\*/", "", (FOLDER / module).read_text(encoding="utf-8"), flags=re.DOTALL
    )  # types are no imports
    found = re.findall(r'(?:from|import\()\s*"(\.[^"]+)"', text)
    return {((FOLDER / module).parent / path).resolve().relative_to(FOLDER).as_posix() for path in found}


def test_the_loader_tells_of_all_modules_but_the_door():
    (told,) = re.findall(r"const modules = \[(.*)\];", LOADER)
    assert {"main.js", *re.findall(r'"([^"]+)"', told)} == set(MODULES)
    assert set(MODULES) == {file.relative_to(FOLDER).as_posix() for file in FOLDER.glob("**/*.js")}


def test_each_module_is_reached_from_the_door():
    reached, waiting = set(), {"main.js"}
    while waiting:
        module = waiting.pop()
        reached.add(module)
        waiting |= imports(module) - reached
    assert reached == set(MODULES)


def test_imports_go_from_one_room_to_the_next():
    for module in MODULES:
        room = module.split("/")[0]
        if room != "main.js":
            assert {path.split("/")[0] for path in imports(module)} <= {room} | BELOW[room], module


def test_a_panel_is_a_file_and_a_line_in_the_registry():
    text = (FOLDER / "panels" / "registry.js").read_text(encoding="utf-8")
    files = {module for module in MODULES if module.startswith("panels/")} - {"panels/registry.js"}
    assert imports("panels/registry.js") == files
    names = re.findall(r"^  (\w+): paint\w+,$", text, re.MULTILINE)
    assert set(VIEWS) <= set(names)
    assert len(names) == len(set(names))


def test_what_is_installed_holds_all_of_them():
    assert '"static/stage/**/*.js"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_no_file_is_too_long_to_be_read_in_one_go():
    assert {module for module in MODULES if len((FOLDER / module).read_text("utf-8").splitlines()) > 300} == set()
