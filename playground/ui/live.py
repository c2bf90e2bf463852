"""The live loop: a fragment that trains a slice, shows a frame, and is run again when the stage asks for the next.

The stage asks when it has painted, so a slow browser or a full server gets fewer pictures and loses nothing. A closed
tab stops asking, and so its training stops.
"""

import streamlit as st

from playground.ui import session
from playground.ui.budget import BUDGET
from playground.ui.own import paint_points
from playground.ui.stage import action, stage


@st.fragment
def live(page: str, note: str = "", paint: int | None = None) -> None:
    """The stage of a page, and the ticking that keeps it moving while the run plays."""
    run = session.current()
    if not session.is_up_to_date():
        st.rerun()
    key = f"stage-{page}"
    with BUDGET.turn():
        if run.playing:
            run.train(BUDGET.slice_for(run.session))
        frame = run.frame(note, paint)
    if not run.playing:
        BUDGET.leave(run.session)
    stage(frame, key, lambda: _act(key))
    if not session.is_up_to_date():
        st.rerun()  # the run came to its end: Pause becomes Play


def _act(key: str) -> None:
    """Do what was done on the canvas."""
    done = action(key)
    if done.get("kind") == "paint":
        session.attempt(lambda: paint_points(done))
    else:
        session.attempt(lambda: session.current().act(done))
