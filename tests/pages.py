"""The live pages, found as files, so that a new page is tested by existing."""

import importlib
import re
from pathlib import Path

from playground.datasets.pictures import holds_pictures
from playground.ui.page import Page

ROOT = Path(__file__).resolve().parents[1]
APP = ROOT / "playground" / "app.py"
VIEWS = sorted(path.stem for path in (ROOT / "playground" / "views").glob("*.py") if path.stem != "__init__")
PAGES: dict[str, Page] = {view: importlib.import_module(f"playground.views.{view}").PAGE for view in VIEWS}
PICTURES = [view for view, page in PAGES.items() if holds_pictures(page.default.data)]
PLANE = [view for view in VIEWS if view not in PICTURES]
# The page that the app opens with.
FIRST = re.search(r'views/(\w+)\.py"[^\n]*default=True', APP.read_text(encoding="utf-8"))[1]
RECIPES = [(view, recipe.label) for view, page in PAGES.items() for recipe in page.recipes]


def recipe_of(view: str, label: str):
    """A page's recipe by its label."""
    return next(recipe for recipe in PAGES[view].recipes if recipe.label == label)
