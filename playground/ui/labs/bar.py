"""The bar of a lab: Run or Stop, the settings that are varied with their values, the seeds, the axis of the curves."""

import streamlit as st

from playground.live.labs.axes import AXES, read_values, show_values
from playground.live.labs.forms import Form
from playground.live.labs.lab import Lab
from playground.live.labs.spec import MOST_BUDGET
from playground.ui import session

X_AXES = ("epochs", "updates", "seconds")


def bar(form: Form) -> None:
    """All of it, for a lab of this form."""
    run_button()
    places = iter(st.columns(form.widths, gap="small"))
    for name in form.axes:
        with next(places):
            _axis(name, form.without)
        with next(places):
            _values(name)
    if form.seeds:
        with next(places):
            seeds_box(form.seeds)
    if form.has_budget:
        with next(places):
            _budget()
    if form.has_curves:
        with next(places):
            x_axis_box()


def run_button() -> None:
    """Run, Stop or Go on."""
    lab: Lab = session.current()
    with st.container(key="lab-run", width="content"):
        if lab.playing:
            st.button("Stop", key="pause", type="primary", shortcut="Space", on_click=lambda: session.press("pause"))
        else:
            words = f"Run {len(lab.configs)}" if lab.state in ("ready", "finished") else "Go on"
            st.button(words, key="play", type="primary", shortcut="Space", on_click=lambda: session.press("play"))


def seeds_box(offered: tuple[int, ...]) -> None:
    """How many seeds each cell has."""
    seeds = st.session_state["lab-seeds"] = session.current().spec.seeds
    st.selectbox(
        "Seeds",
        sorted({*offered, seeds}),
        key="lab-seeds",
        help="How many trainings of each, that differ in their first weights and the order of their batches.",
        on_change=lambda: session.change(seeds=st.session_state["lab-seeds"]),
    )


def x_axis_box() -> None:
    """What stands under the curves."""
    st.session_state["lab-x"] = session.current().show
    st.selectbox(
        "Curves over",
        X_AXES,
        key="lab-x",
        help="What stands under the curves: epochs, updates of the weights, or seconds of training.",
        on_change=lambda: setattr(session.current(), "show", st.session_state["lab-x"]),
    )


def _budget():
    st.session_state["lab-budget"] = session.current().spec.budget
    st.number_input(
        "Budget",
        0,
        MOST_BUDGET,
        key="lab-budget",
        step=10,
        help="The most parameters that a network may have; one above it is refused. 0 is no limit.",
        on_change=lambda: session.change(budget=st.session_state["lab-budget"]),
    )


def _axis(name: str, without: tuple[str, ...]):
    axis = getattr(session.current().spec, name)
    key = f"lab-{name}"
    st.session_state[key] = axis[0] if axis else None

    def changed():
        chosen = st.session_state[key]
        _vary(name, chosen, AXES[chosen].example if chosen else "")

    st.selectbox(
        name.capitalize(),
        [key for key in AXES if key not in without],
        key=key,
        format_func=lambda one: AXES[one].label,
        help="The setting that is varied." if name == "across" else "The second setting that is varied.",
        on_change=changed,
    )


def _values(name: str):
    axis = getattr(session.current().spec, name)
    key = f"lab-{name}-values"
    st.session_state[key] = show_values(*axis) if axis else ""
    st.text_input(
        "Values",
        key=key,
        help="Separated by commas; knobs in brackets: adam(beta1=0.8).",
        disabled=axis is None,
        on_change=lambda: _vary(name, axis[0], st.session_state[key]),
    )


def _vary(name: str, key: str | None, values: str):
    """Vary a setting along an axis, with the values of a text; no setting, where none is named."""
    session.attempt(lambda: session.current().change(**{name: (key, read_values(key, values)) if key else None}))
