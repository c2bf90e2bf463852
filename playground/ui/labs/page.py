"""The page of a lab: title and recipes, what is varied, Run and Stop, the stage, downloads, the live page."""

from collections.abc import Mapping
from dataclasses import dataclass

from nn_core.spec import Choice
from playground.experiments.link import page_for
from playground.live.labs.forms import Form
from playground.live.labs.lab import Lab
from playground.live.labs.spec import LabSpec, read_lab, show_lab
from playground.ui import session
from playground.ui.labs.bar import bar
from playground.ui.labs.downloads import downloads
from playground.ui.labs.settings import settings
from playground.ui.live import live
from playground.ui.shell import Shell, recipes


@dataclass(frozen=True)
class LabRecipe:
    """A lab that shows something, and one sentence on what to look for."""

    label: str
    why: str
    spec: LabSpec


@dataclass(frozen=True)
class LabPage:
    """What makes one lab differ from another: its name, its form, its recipes, the data that it offers."""

    key: str
    title: str
    form: Form
    recipes: tuple[LabRecipe, ...]
    sets: tuple[Choice, ...]


def lab_page(page: LabPage) -> None:
    """Draw the page."""
    lab: Lab = session.opened(page.key, lambda query, known: _made(page, query))
    recipe = next((recipe for recipe in page.recipes if recipe.spec == lab.spec), None)
    Shell(
        page.key,
        page.title,
        show_lab(lab.spec),
        lambda: recipes(page.recipes, recipe, _follow),
        lambda: bar(page.form),
        behind={
            "Download": lambda: downloads(page.key, lambda results: page.form.figure(page.title, lab, results)),
            "Settings": lambda: settings(page.sets, [one.spec for one in page.recipes]),
        },
    ).draw()
    live(recipe.why if recipe else "Choose what is varied, then press Run; Settings has the rest.")


def _follow(recipe: LabRecipe) -> None:
    lab: Lab = session.current()
    if lab.spec != recipe.spec:  # what has been run of it stays
        lab.apply(recipe.spec)


def _made(page: LabPage, query: Mapping[str, str]) -> Lab:
    """The lab of a link, or of the first recipe where there is none or it cannot be built."""
    default = page.recipes[0].spec
    refused = not page.form.takes_images and page_for(query, default.base) is not default.base
    spec, problems = read_lab({} if refused else query, default)
    if refused:
        problems.append("The link's data was left out: this lab is for the plane; Grid and Compare take pictures.")
    for name in ("across", "down"):
        if name not in page.form.axes and getattr(spec, name):
            problems.append(f"The link's {name} was left out: this lab varies no such setting.")
            spec = spec.replace(**{name: None})
    session.session().problems += problems
    try:
        return page.form.lab(spec)
    except ValueError as error:
        session.session().problems.append(f"The link could not be used: {error}")
    return page.form.lab(default)
