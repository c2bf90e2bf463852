"""The page of a lab: title and recipes, what is varied, Run and Stop, the stage, downloads, the live page."""

from dataclasses import dataclass

import streamlit as st

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
from playground.ui.copy_link import copy_link
from playground.ui.labs.bar import AXES_OF, bar
from playground.ui.labs.downloads import downloads
from playground.ui.labs.settings import settings
from playground.ui.live import live
from playground.ui.page import show_problems
from playground.ui.style import style

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
    style()
    lab = open_lab(page)
    show_problems()
    recipe = next((recipe for recipe in page.recipes if recipe.spec == lab.spec), None)
    with st.container(horizontal=True, key="head", vertical_alignment="center"):
        st.markdown(f"# {page.title}", width="content")
        _recipes(page, lab, recipe)
        with st.container(horizontal=True, key="actions", width="content", horizontal_alignment="right"):
            copy_link(session.session().history.to_place)
            with st.popover("Download", key="download-popover", on_change="rerun") as popover:
                if popover.open:
                    downloads(lab, page.key, lambda results: _figure(page, lab, results))
            with st.popover("Settings", key="settings-popover", on_change="rerun") as popover:
                if popover.open:
                    settings(lab, page.sets, [one.spec for one in page.recipes])
    with st.container(horizontal=True, key="bar", vertical_alignment="bottom", wrap=False):
        bar(lab, page.form)
    _write_link(page, lab)
    live(page.key, recipe.why if recipe else "Choose what is varied, then press Run; Settings has the rest.")


def open_lab(page: LabPage) -> Lab:
    """The lab of a page: made from the link if there is one, else from the first recipe, or as it was left."""
    memory = session.session()
    query = session.arriving(page.key)
    known = memory.runs.get(page.key)
    if known is None or query:
        default = page.recipes[0].spec
        refused = page.form not in FOR_PICTURES and page_for(query, default.base) is not default.base
        spec, problems = read_lab({} if refused else query, default)
        if refused:
            problems.append("The link's data was left out: this lab is for the plane; Grid and Compare take pictures.")
        for name in ("across", "down"):
            if name not in AXES_OF[page.form] and getattr(spec, name):
                problems.append(f"The link's {name} was left out: this lab varies no such setting.")
                spec = spec.replace(**{name: None})
        if known is not None:
            known.pause()
        for wanted in (spec, default):
            try:
                memory.runs[page.key] = (SurfaceLab if page.form == "surface" else Lab)(wanted, PAINTERS[page.form])
                break
            except ValueError as error:
                problems.append(f"The link could not be used: {error}")
        memory.problems += problems
    _write_link(page, memory.runs[page.key])
    return memory.runs[page.key]


def _write_link(page: LabPage, lab: Lab) -> None:
    session.put_link(page.key, show_lab(lab.spec))


def _recipes(page: LabPage, lab: Lab, recipe: LabRecipe | None):
    labels = {one.label: one for one in page.recipes}
    st.session_state["recipe"] = recipe.label if recipe else None

    def changed():
        chosen = st.session_state["recipe"]
        if chosen in labels:  # on the way from page to page it may be another page's
            session.attempt(lambda: lab.apply(labels[chosen].spec))

    st.pills("Recipes", list(labels), key="recipe", label_visibility="collapsed", on_change=changed)


def _figure(page: LabPage, lab: Lab, results):
    if page.form == "surface":
        names = [lab.spec.label(lab.spec.across, k) for k in range(lab.spec.columns)]
        return surface_figure(page.title, names, lab)
    return FIGURES[page.form](page.title, lab.spec, results)
