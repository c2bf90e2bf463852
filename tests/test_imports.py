"""Who may import whom: views -> ui -> live -> figures, exchange -> experiments -> datasets -> nn_core; no unpickling.

The imports are read from the source text, so that a forbidden one is found even where it is never reached.
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ORDER = (
    "playground.views",
    "playground.ui",
    "playground.live",
    "playground.figures",
    "playground.exchange",
    "playground.experiments",
    "playground.datasets",
    "nn_core",
)
# The app itself, above all: the door, the script that it runs, the command; and what each takes from the program.
APP = {"playground.app": ("playground.live",), "playground.pages": ("playground.ui",), "playground.__main__": ()}
WITHOUT_BROWSER = ORDER[2:]  # a cluster worker has no Streamlit
OUTSIDE_OF_NN_CORE = {"numpy", "scipy"}
# Rooms of nn_core, and who may look in: fast/ may be skipped by a reader, for only the trainer calls it.
ROOMS = {
    "nn_core.fast": ("nn_core.trainer",),
    "nn_core.derivatives": ("playground",),
    "nn_core.formats": ("playground",),
}
UNPICKLING_MODULES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal", "jsonpickle"}
UNPICKLING_CALLS = {"joblib.load", "torch.load", "pandas.read_pickle", "pd.read_pickle"}
SOURCES = sorted(
    path.relative_to(ROOT)
    for folder in (".", "nn_core", "playground", "benchmarks", "data", "docs", "tests")
    for path in (ROOT / folder).glob("*.py" if folder == "." else "**/*.py")
)


def module_of(path: Path) -> str:
    """nn_core/layers.py -> nn_core.layers"""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(source: str, module: str) -> list[str]:
    """The full name of everything that a module imports, at its top or inside a function."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: -node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found += [f"{base}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("__import__", "importlib.import_module"):
            found += [ast.literal_eval(node.args[0]) if isinstance(node.args[0], ast.Constant) else "(unknown)"]
    return found


def inside(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def broken_rules(source: str, module: str) -> list[str]:
    """What is wrong with a module's imports, in words."""
    wrong = []
    home = next((package for package in ORDER if inside(module, package)), None)
    for name in imports(source, module):
        if home is not None:
            wrong += [f"{module} imports {name}: {above} is above it" for above in _above(home) if inside(name, above)]
        if home in WITHOUT_BROWSER and inside(name, "streamlit"):
            wrong.append(f"{module} imports {name}, but must work without a browser")
        if home == "nn_core":
            top = name.split(".")[0]
            if top not in OUTSIDE_OF_NN_CORE and top != "nn_core" and top not in sys.stdlib_module_names:
                wrong.append(f"{module} imports {name}; nn_core knows {', '.join(sorted(OUTSIDE_OF_NN_CORE))} alone")
        for room, guests in ROOMS.items():
            if home is not None and inside(name, room) and not any(inside(module, one) for one in (room, *guests)):
                wrong.append(f"{module} imports {name}, which is for {' and '.join(guests)} alone")
        if (home is not None or module in APP) and inside(name, "tests"):
            wrong.append(f"{module} imports {name}: the program does not know its tests")
        if module in APP and inside(name, "playground") and not any(inside(name, one) for one in APP[module]):
            wrong.append(
                f"{module} imports {name}; it knows {' and '.join(APP[module]) or 'nothing of the program'} alone"
            )
    return wrong


def unpickling(source: str, module: str) -> list[str]:
    """Where a module could run what a file tells it to."""
    wrong = [f"{module} imports {name}" for name in imports(source, module) if name.split(".")[0] in UNPICKLING_MODULES]
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        if ast.unparse(node.func) in UNPICKLING_CALLS:
            wrong.append(f"{module} line {node.lineno}: {ast.unparse(node.func)}")
        for keyword in node.keywords:
            never = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
            if keyword.arg == "allow_pickle" and not never:
                wrong.append(f"{module} line {node.lineno}: allow_pickle")
    return wrong


def _above(home):
    """The packages that stand above `home`; the app itself, which stands above all, is in none of them."""
    return [*ORDER[: ORDER.index(home)], *APP]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.as_posix())
def test_imports_go_one_way_and_nothing_is_unpickled(path):
    source, module = (ROOT / path).read_text(encoding="utf-8"), module_of(path)
    assert broken_rules(source, module) == []
    assert unpickling(source, module) == []


def test_what_matters_is_among_what_is_read():
    for path in ("nn_core/trainer.py", "playground/live/wire.py", "playground/app.py", "playground/pages.py"):
        assert Path(path) in SOURCES
    assert {"playground.live.channel", "playground.live.labs.lab"} < set(LIVE)


LIVE = [module_of(path) for path in SOURCES if inside(module_of(path), "playground.live")]
WITHOUT_STREAMLIT = f"""
import importlib, sys
for name in {LIVE}:
    importlib.import_module(name)
assert [name for name in sys.modules if name.split(".")[0] == "streamlit"] == []
"""


def test_what_a_page_runs_needs_no_streamlit():
    """Neither by itself nor by anything that it imports: a worker has none."""
    ended = subprocess.run([sys.executable, "-c", WITHOUT_STREAMLIT], cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("nn_core.layers", "import pandas"),
        ("nn_core.layers", "def f():\n    from sklearn.datasets import make_moons"),
        ("nn_core.layers", "from playground.datasets.registry import DATASETS"),
        ("nn_core.layers", "import tests.nn_core.runs"),
        ("nn_core.batches", "from nn_core.fast.products import take"),
        ("nn_core.batches", "from nn_core import fast"),
        ("playground.live.images.inside", "from nn_core import fast"),
        ("nn_core.monitors", "from nn_core.derivatives.checks import relative_error"),
        ("nn_core.trainer", "from nn_core.formats.files import save"),
        ("playground.datasets.plane", "import streamlit as st"),
        ("playground.datasets.plane", "from playground import ui"),
        ("playground.datasets.plane", "from ..experiments import config"),
        ("playground.experiments.config", "from streamlit.runtime import caching"),
        ("playground.experiments.config", "import importlib\nimportlib.import_module('playground.ui.state')"),
        ("playground.live.run", "import streamlit as st"),
        ("playground.live.run", "from playground.ui import session"),
        ("playground.live.wire", "from streamlit.web.server import starlette"),
        ("playground.live.labs.lab", "import playground.pages"),
        ("playground.live.images.run", "from playground import app"),
        ("playground.ui.state", "from playground.views.live import page"),
        ("playground.ui.state", "import playground.app"),
        ("playground.views.moons", "from playground.pages import PAGES"),
        ("playground.app", "from playground.ui import session"),
        ("playground.app", "from playground import pages"),
        ("playground.app", "import tests.pages"),
        ("playground.pages", "from playground.live.wire import ROUTES"),
        ("playground.__main__", "from playground.app import app"),
    ],
)
def test_a_forbidden_import_is_found(module, source):
    assert broken_rules(source, module)


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import loads",
        "import numpy as np\nnp.load('x.npz', allow_pickle=True)",
        "import numpy as np\nnp.load('x.npz', allow_pickle=trusted)",
        "import joblib\njoblib.load('x')",
    ],
)
def test_unpickling_is_found(source):
    assert len(unpickling(source, "playground.ui.state")) == 1
    assert unpickling("import numpy as np\nnp.load('x.npz', allow_pickle=False)", "playground.ui.state") == []
