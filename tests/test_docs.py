"""The documents name every command, option and page that there is, and none that is not; their links lead somewhere."""

import ast
import importlib.util
import re
from pathlib import Path

import pytest

from tests.pages import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "benchmarks" / "README.md"])
TEXT = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in DOCUMENTS}
TOLD = "\n".join(text for name, text in TEXT.items() if name != "CHANGELOG.md")  # what was is no promise
OURS = ("benchmarks", "nn_core", "playground", "tests")
COMMAND = re.compile(r"python -m (?P<module>[\w.]+)(?P<rest>[^\n`|]*)")
OPTION = re.compile(r"--[a-z][a-z-]+")
LINK = re.compile(r"\[[^\]]*\]\((?!https?:)(?P<path>[^)#\s]*)(?:#(?P<place>[^)\s]+))?\)")


def source_of(module: str) -> Path:
    """The file that `python -m module` runs."""
    found = importlib.util.find_spec(module)
    assert found, f"There is no module {module}."
    path = Path(found.origin)
    return path.with_name("__main__.py") if path.name == "__init__.py" else path


def options_of(path: Path) -> set[str]:
    """The options that a command's file gives to its parser."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    added = [call for call in calls if getattr(call.func, "attr", "") == "add_argument" and call.args]
    names = [argument.value for call in added for argument in call.args if isinstance(argument, ast.Constant)]
    return {name for name in names if str(name).startswith("--")}


COMMANDS = sorted(
    {(found["module"], found["rest"]) for found in COMMAND.finditer(TOLD) if found["module"].split(".")[0] in OURS}
)
PROGRAMS = [
    *(path for path in sorted(ROOT.glob("benchmarks/*.py")) if "add_argument" in path.read_text(encoding="utf-8")),
    ROOT / "playground" / "experiments" / "__main__.py",
]


@pytest.mark.parametrize(("module", "rest"), COMMANDS)
def test_every_command_that_is_told_of_is_there_with_its_options(module, rest):
    path = source_of(module)
    known = options_of(path) | {"--help"}
    if module != "playground":  # it hands its options on to Streamlit
        assert set(OPTION.findall(rest)) <= known


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_command_and_option_is_told_of(path):
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__main__")
    assert f"python -m {module}" in TOLD
    lines = [found.group() for found in COMMAND.finditer(TOLD) if found["module"] == module]
    told = set(OPTION.findall("\n".join(lines))) | set(
        OPTION.findall(TEXT["docs/sweeps.md"] if "__main__" in path.name else "")
    )
    assert options_of(path) <= told


def test_every_page_is_told_of():
    tree = ast.parse((ROOT / "playground" / "pages.py").read_text(encoding="utf-8"))
    titles = [
        keyword.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "title"
    ]
    assert len(titles) == len(list((ROOT / "playground" / "views").glob("[a-z]*.py")))
    assert [title for title in titles if title.lower() not in TEXT["README.md"].lower()] == []


@pytest.mark.parametrize("name", TEXT)
def test_every_link_leads_somewhere(name):
    for found in LINK.finditer(TEXT[name]):
        target = (ROOT / name).parent / found["path"] if found["path"] else ROOT / name
        assert target.exists(), found.group()
        if found["place"]:
            heads = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert found["place"] in [re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads], (
                found.group()
            )
