"""The live page: title and recipes, transport and controls, the stage. Every data set has one, and they differ by a
`Page` alone."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from nn_core.optimisers import SGD
from nn_core.spec import Choice
from playground.experiments.config import SEEDS, Config
from playground.experiments.scales import Advice, advice
from playground.ui import session
from playground.ui.controls import controls
from playground.ui.live import live
from playground.ui.settings import data_settings, settings
from playground.ui.shell import Shell, nothing, recipes
from playground.ui.transport import transport


@dataclass(frozen=True)
class Recipe:
    """A config that shows something, and one sentence on why."""

    label: str
    why: str
    config: Config


def too_hot(config: Config) -> Recipe:
    """The recipe in which `config` diverges."""
    return Recipe(
        "Too hot: diverges",
        "A learning rate of 1,000 throws the weights so far that the loss explodes: the run stops and says so.",
        config.replace(optimiser=SGD(), learning_rate=1000.0),
    )


@dataclass(frozen=True)
class Page:
    """What makes one live page differ from another: its name, the data that it offers, its recipes."""

    key: str
    title: str
    sets: tuple[Choice, ...]
    recipes: tuple[Recipe, ...]
    start: int = 0  # the recipe that the page opens with
    hint: str = ""  # what to try when no recipe is followed
    palette: Callable[[], int | None] | None = None  # draws what a person paints with; returns the class to paint
    bring: Callable[[], None] | None = None  # draws how a person brings data, at the head of what is behind "Data"
    more: Callable[[], None] | None = None  # draws what else stands among the actions
    before: Callable[[], None] | None = None  # called before the page is drawn: what happened meanwhile
    data: Callable[[tuple[Choice, ...]], None] = (
        data_settings  # draws what is behind "Data", of the sets that are offered
    )
    settings: Callable[[], None] = settings  # draws what is behind "Settings"

    @property
    def default(self) -> Config:
        """What the page opens with."""
        return self.recipes[self.start].config


def live_page(page: Page) -> None:
    """Draw the page."""
    run = session.open_run(page.key, page.default)
    if page.before:
        page.before()
    recipe = chosen_recipe(page, run.config)
    found = advice(run.experiment)

    def beside() -> int | None:
        recipes(page.recipes, recipe, lambda chosen: session.current().apply(chosen.config))
        return page.palette() if page.palette else None

    def data() -> None:
        if page.bring:
            page.bring()
        page.data(page.sets)

    def bar() -> None:
        transport()
        controls()

    paint = Shell(
        page.key,
        page.title,
        session.link_of(run),
        beside,
        bar,
        advice=lambda: _follow(found) if found and found.field else None,
        more=page.more or nothing,
        behind={"Data": data, "Settings": page.settings},
    ).draw()
    note = found.sentence if found and (found.field or not recipe) else recipe.why if recipe else page.hint
    live(note, paint)


def _follow(found: Advice) -> None:
    """A button that does what is advised."""
    st.button(
        "Standardise",
        key="follow-advice",
        type="primary",
        help=found.sentence,
        on_click=lambda: session.change(**{found.field: True}),
    )


def chosen_recipe(page: Page, config: Config) -> Recipe | None:
    """The recipe that the run follows, whatever its seeds, or None."""
    same = dict.fromkeys(SEEDS, 0)
    return next((recipe for recipe in page.recipes if recipe.config.replace(**same) == config.replace(**same)), None)
