"""The live loop: a fragment that trains a slice, shows a frame, and is run again when the stage asks for the next.

The stage asks when it keeps up with its painting, so a slow browser or a full server gets fewer pictures and loses
nothing. A closed tab stops asking, and so its training stops.
"""

import streamlit as st

from playground.live.budget import BUDGET
from playground.live.plane.painter import Talk
from playground.ui import session
from playground.ui.own import paint_points
from playground.ui.stage import stage, told


@st.fragment
def live(page: str, note: str = "", paint: int | None = None) -> None:
    """The stage of a page, and the ticking that keeps it moving while the run plays.

    The page around the stage is drawn anew when the stage asks again, not at once: a request that is on its way already
    would come so soon behind that run that Streamlit takes the stage off the page for a moment.
    """
    run = session.current()
    if not session.is_up_to_date():
        st.rerun()
    key, plays = f"stage-{page}", run.playing
    memory = session.session()
    acts, memory.acts = memory.acts, False  # what was done on the stage is answered at once, and trained on after that
    with BUDGET.turn():
        if plays and not acts:
            seconds = BUDGET.slice_for(run.session)
            run.train(seconds * run.haste if BUDGET.playing() <= 1 else seconds)
        due = plays and not run.playing  # the run came to its end: Pause becomes Play
        talk = Talk(0 if due else BUDGET.ahead(), due, session.is_whole_page(), memory.acted)
        frame = run.frame(note, paint, talk)
    if not run.playing:
        BUDGET.leave(run.session)
    stage(frame, key, on_next=lambda: _next(key), on_act=lambda: _act(key))


def _next(key: str) -> None:
    """The stage wants the next frame: the rerun brings it; its number goes back, so that the stage can count."""
    number = told(key, "next")
    if isinstance(number, int):
        session.current().asked = number


def _act(key: str) -> None:
    """Do what was done on the canvas."""
    for deed in session.new_deeds(session.session(), told(key, "act")):
        session.session().acts = True
        if deed.get("kind") == "paint":
            session.attempt(lambda deed=deed: paint_points(deed))
        else:
            session.attempt(lambda deed=deed: session.current().act(deed))
