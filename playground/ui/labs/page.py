"""The page of a lab: title and recipes, what is varied, Run and Stop, the stage, downloads, the live page."""

from collections.abc import Mapping
from dataclasses import dataclass

from nn_core.spec import Choice
from playground.experiments.link import page_for
from playground.figures.labs import (
    compare_figure,
    depth_figure,
    grid_figure,
    seeds_figure,
    surface_figure,
)
from playground.live.labs.lab import Lab
from playground.live.labs.painters import PAINTERS
from playground.live.labs.spec import LabSpec, read_lab, show_lab
from playground.live.labs.surface import SurfaceLab
from playground.ui import session
from playground.ui.labs.bar import AXES_OF, bar
from playground.ui.labs.downloads import downloads
from playground.ui.labs.settings import settings
from playground.ui.live import live
from playground.ui.shell import Shell, recipes

FIGURES = {"grid": grid_figure, "seeds": seeds_figure, "compare": compare_figure, "depth": depth_figure}


FOR_PICTURES = ("grid", "compare")  # the forms that show more than boundaries in the plane


@dataclass(frozen=True)
class LabRecipe:
    """A lab that shows something, and one sentence on what to look for."""

    label: str
    why: str
    spec: LabSpec


@dataclass(frozen=True)
class LabPage:
    """What makes one lab differ from another. form: "grid", "seeds", "compare", "depth" or "surface"."""

    key: str
    title: str
    form: str
    recipes: tuple[LabRecipe, ...]
    sets: tuple[Choice, ...]


def lab_page(page: LabPage) -> None:
    """Draw the page."""
    lab = session.opened(page.key, lambda query, known: _made(page, query))
    recipe = next((recipe for recipe in page.recipes if recipe.spec == lab.spec), None)
    Shell(
        page.key,
        page.title,
        show_lab(lab.spec),
        lambda: recipes(page.recipes, recipe, lambda chosen: chosen.spec == lab.spec or lab.apply(chosen.spec)),
        lambda: bar(lab, page.form),
        behind={
            "Download": lambda: downloads(lab, page.key, lambda results: _figure(page, lab, results)),
            "Settings": lambda: settings(lab, page.sets, [one.spec for one in page.recipes]),
        },
    ).draw()
    live(page.key, recipe.why if recipe else "Choose what is varied, then press Run; Settings has the rest.")


def _made(page: LabPage, query: Mapping[str, str]) -> Lab:
    """The lab of a link, or of the first recipe where there is none or it cannot be built."""
    default = page.recipes[0].spec
    refused = page.form not in FOR_PICTURES and page_for(query, default.base) is not default.base
    spec, problems = read_lab({} if refused else query, default)
    if refused:
        problems.append("The link's data was left out: this lab is for the plane; Grid and Compare take pictures.")
    for name in ("across", "down"):
        if name not in AXES_OF[page.form] and getattr(spec, name):
            problems.append(f"The link's {name} was left out: this lab varies no such setting.")
            spec = spec.replace(**{name: None})
    session.session().problems += problems
    try:
        return (SurfaceLab if page.form == "surface" else Lab)(spec, PAINTERS[page.form])
    except ValueError as error:
        session.session().problems.append(f"The link could not be used: {error}")
    return (SurfaceLab if page.form == "surface" else Lab)(default, PAINTERS[page.form])


def _figure(page: LabPage, lab: Lab, results):
    if page.form == "surface":
        names = [lab.spec.label(lab.spec.across, k) for k in range(lab.spec.columns)]
        return surface_figure(page.title, names, lab)
    return FIGURES[page.form](page.title, lab.spec, results)
