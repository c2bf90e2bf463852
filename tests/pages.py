"""The live pages and the labs, found as files, so that a new page is tested by existing."""

import importlib
import re
from pathlib import Path

from playground.datasets.pictures import holds_pictures
from playground.ui.labs.page import LabPage
from playground.ui.page import Page

ROOT = Path(__file__).resolve().parents[1]
APP = ROOT / "playground" / "pages.py"  # the script, which app.py, the door, runs for each session
FILES = sorted(path.stem for path in (ROOT / "playground" / "views").glob("*.py") if path.stem != "__init__")
_FOUND = {view: importlib.import_module(f"playground.views.{view}").PAGE for view in FILES}
PAGES: dict[str, Page] = {view: page for view, page in _FOUND.items() if isinstance(page, Page)}  # no laboratory
VIEWS = list(PAGES)
PICTURES = [view for view, page in PAGES.items() if holds_pictures(page.default.data)]
PLANE = [view for view in VIEWS if view not in PICTURES]
# The page that the app opens with.
FIRST = re.search(r'views/(\w+)\.py"[^\n]*default=True', APP.read_text(encoding="utf-8"))[1]
LABS: dict[str, LabPage] = {view: page for view, page in _FOUND.items() if isinstance(page, LabPage)}
RECIPES = [(view, recipe.label) for view, page in PAGES.items() for recipe in page.recipes]
LAB_RECIPES = [(view, recipe.label) for view, page in LABS.items() for recipe in page.recipes]


def recipe_of(view: str, label: str):
    """A page's recipe by its label."""
    return next(recipe for recipe in PAGES[view].recipes if recipe.label == label)


def lab_recipe_of(view: str, label: str):
    """A lab's recipe by its label."""
    return next(recipe for recipe in LABS[view].recipes if recipe.label == label)
