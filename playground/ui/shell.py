"""The shell of every page: title, recipes, the actions with Copy link, the bar, and the sentences that wait to be said.

What a page says with it stands in `Shell`; the stage, or whatever a page has in its place, is drawn below it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from playground.ui import session
from playground.ui.copy_link import copy_link
from playground.ui.words import plain


def nothing() -> None:
    """Draws nothing."""


@dataclass(frozen=True)
class Shell:
    """What a page puts into its shell, from left to right, from top to bottom; each draws its part."""

    key: str
    title: str
    link: Mapping[str, str]  # what the address bar is to say
    beside: Callable[[], object]  # beside the title: the recipes, or another choice
    bar: Callable[[], None]
    advice: Callable[[], None] = nothing  # the first of the actions
    more: Callable[[], None] = nothing  # those after Copy link
    behind: Mapping[str, Callable[[], None]] = field(default_factory=dict)  # what opens, by the name on its button
    words: Callable[[], None] = nothing  # between head and bar

    def draw(self) -> Any:
        """Write the link, say what could not be done, and draw it all; returns what was chosen beside the title."""
        session.put_link(self.key, dict(self.link))
        _show_problems()
        with st.container(horizontal=True, key="head", vertical_alignment="center"):
            st.markdown(f"# {self.title}", width="content")
            chosen = self.beside()
            with st.container(horizontal=True, key="actions", width="content", horizontal_alignment="right"):
                self.advice()
                copy_link(session.session().history.to_place)
                self.more()
                for name, draw in self.behind.items():
                    opens(name, draw)
        self.words()
        with st.container(horizontal=True, key="bar", vertical_alignment="bottom", wrap=False):
            self.bar()
        return chosen


def opens(name: str, draw: Callable[[], None], key: str = "", icon: str | None = None) -> None:
    """A button that opens something, which is drawn only while it is open. key: the name, where none is given."""
    with opener(name, key, icon) as popover:
        if popover.open:
            draw()


def opener(name: str, key: str = "", icon: str | None = None):
    """The button alone, for a page that draws what is behind it when all else is there."""
    return st.popover(name, key=f"{key or name.lower()}-popover", icon=icon, on_change="rerun")


def recipes(offered: Sequence, followed, follow: Callable[[Any], object]) -> None:
    """A pill for each recipe, which has a label; the one that is followed is pressed, and pressed again followed anew.

    follow: does what a recipe says; raises ValueError, one sentence, where that cannot be done.
    """
    labels = {recipe.label: recipe for recipe in offered}
    st.session_state["recipe"] = followed.label if followed else None

    def changed():
        chosen = st.session_state["recipe"] or (followed.label if followed else None)
        if chosen in labels:  # on the way from page to page it may be another page's
            session.attempt(lambda: follow(labels[chosen]))

    st.pills("Recipes", list(labels), key="recipe", label_visibility="collapsed", on_change=changed)


def _show_problems() -> None:
    """Say, each in one sentence and without moving the page, what could not be done."""
    for problem in session.take_problems():
        st.toast(plain(problem), icon=":material/error:", duration="infinite")
