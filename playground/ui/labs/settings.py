"""The settings of a lab that its bar does not vary: the data, and what all runs have in common."""

from collections.abc import Sequence

import streamlit as st

from nn_core.spec import Choice, SpecError, name_of
from playground.experiments.config import SOURCES, kind_of
from playground.experiments.experiment import with_data
from playground.experiments.link import read_link, show_link
from playground.live.labs.lab import Lab
from playground.live.labs.spec import LabSpec
from playground.ui import session
from playground.ui.settings import PROJECTOR, switches

FIELDS = (
    "net",
    "activation",
    "optimiser",
    "rate",
    "batch",
    "init",
    "l2",
    "stop_epochs",
)
LABELS = {
    "net": "Hidden layers (16-16; 0 is none)",
    "activation": "Activation",
    "optimiser": "Optimiser",
    "rate": "Learning rate",
    "batch": "Batch",
    "init": "First weights",
    "l2": "L2",
    "stop_epochs": "Epochs",
}


def settings(sets: Sequence[Choice], specs: Sequence[LabSpec]) -> None:
    """The base of the lab: its data, and everything that is not varied.

    specs: those of the page's recipes, for when the data change from the plane to pictures or back.
    """
    lab: Lab = session.current()
    st.caption("What all runs share; what the bar varies stands there. A change starts the lab afresh.")
    by_name = {name_of(data, SOURCES): data for data in sets}
    current = name_of(lab.config.data, SOURCES)
    st.session_state["lab-data"] = current
    st.selectbox(
        "Data set",
        list(by_name if current in by_name else {**by_name, current: lab.config.data}),
        key="lab-data",
        format_func=lambda name: SOURCES[name].label,
        help="What all runs learn.",
        on_change=lambda: session.attempt(lambda: _learn(by_name[st.session_state["lab-data"]], specs)),
    )
    link = {"l2": "0", "stop_epochs": "0", "activation": "none", **show_link(lab.config)}
    columns = st.columns(2)
    for number, name in enumerate(FIELDS):
        with columns[number % 2]:
            key = f"lab-base-{name}"
            st.session_state[key] = link[name]
            st.text_input(
                LABELS[name],
                key=key,
                disabled=name == "activation" and not lab.config.hidden,
                on_change=lambda name=name, key=key: _set_field(name, st.session_state[key]),
            )
    switches(PROJECTOR)


def _learn(data: Choice, specs: Sequence[LabSpec]):
    lab: Lab = session.current()
    lab.apply(_on(data, lab.spec, specs))


def _on(data: Choice, spec: LabSpec, specs: Sequence[LabSpec]) -> LabSpec:
    """The lab on other data. A net for the plane is none for pictures: there a recipe's takes its place, and where
    they do not take the values that are varied, the recipe's take theirs."""
    kind, recipe = kind_of(data), spec
    if spec.base.kind is not kind:
        recipe = next((one for one in specs if one.base.kind is kind), spec)
    base = with_data(recipe.base, data, None, len(recipe.base.features))
    try:
        return spec.replace(base=base)
    except SpecError:
        return recipe.replace(base=base)


def _set_field(name: str, value: str):
    """One field of the base, read as a link reads it."""

    def change():
        lab: Lab = session.current()
        base, problems = read_link({name: value}, lab.config)
        if problems:
            raise SpecError(problems[0].replace("The link's ", "").replace(" was left out:", " stays as it was:"))
        lab.change(base=base)

    session.attempt(change)
