"""Which inputs are looked at and which the network is shown: few as buttons, many in lists that can be searched."""

import streamlit as st

from playground.experiments.features import available
from playground.live.plane import plane
from playground.live.plane.changes import toggled
from playground.live.run import Run
from playground.ui import session
from playground.ui.widgets import RESTARTS, pick

FEW = 12  # features that are buttons
TWO = "two inputs"
LOOK = (
    "The plane that the output shows: two of the inputs, the others held at their means, or the plane of the first two "
    "principal components. It changes the picture, not the training."
)


def look_at() -> None:
    """The choice of the plane that the output shows, where there is one."""
    run: Run = session.current()
    inputs = run.experiment.data.inputs
    if len(run.views) <= plane.MOST_NAMED:
        if len(run.views) > 1:
            pick("Look at", run.views, run.view, _look, key="view", help=LOOK, names=lambda v: _name(v, inputs))
        return
    shown = run.view if run.view == plane.PCA else TWO
    pick(
        "Look at",
        [plane.PCA, TWO],
        shown,
        lambda chosen: _look(plane.PCA if chosen == plane.PCA else "1-2"),
        key="view",
        help=LOOK,
        names=lambda view: view.capitalize() if view == TWO else _name(view, inputs),
    )
    if shown == TWO:
        pair = run.view.split("-")
        for place, (column, label) in enumerate(zip(st.columns(2), ("Across", "Up"), strict=True)):
            other = pair[1 - place]
            with column:
                pick(
                    label,
                    [number for number in map(str, range(1, len(inputs) + 1)) if number != other],
                    pair[place],
                    lambda chosen, place=place, other=other: _look("-".join((chosen, other)[:: 1 - 2 * place])),
                    key=f"view-{place}",
                    help="Type to find an input.",
                    names=lambda number: inputs[int(number) - 1],
                )


def _look(view: str) -> None:
    session.current().look(view)


def _name(view: str, inputs: tuple[str, ...]) -> str:
    if view == plane.PCA:
        return "Principal components"
    return " and ".join(inputs[int(part) - 1] for part in view.split("-"))


def features() -> None:
    """The twin of the switches on the canvas."""
    run: Run = session.current()
    inputs = run.experiment.data.inputs
    offered = available(len(inputs))
    st.session_state["features"] = list(run.config.features)

    def changed():
        chosen, run = set(st.session_state["features"]), session.current()
        if not chosen:
            session.attempt(lambda: toggled(run.config.features[:1], run.config.features[0], run.experiment))
        else:
            session.change(features=tuple(key for key in offered if key in chosen))

    if len(offered) <= FEW:
        st.pills(
            "Features",
            list(offered),
            selection_mode="multi",
            key="features",
            format_func=lambda key: offered[key].label,
            help="What the network is shown of the inputs." + RESTARTS,
            on_change=changed,
        )
    else:
        names = dict(zip(offered, inputs, strict=True))
        st.multiselect(
            "Features",
            list(offered),
            key="features",
            format_func=lambda key: names[key],
            wrap=False,
            help="What the network is shown of the inputs; type to find one. The drawing has room for the first "
            f"{plane.MOST_FEATURES} that are on." + RESTARTS,
            on_change=changed,
        )
