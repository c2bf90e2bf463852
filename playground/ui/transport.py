"""The transport: rewind, Play or Pause, step, new weights. Ordinary buttons, each with a shortcut on the keyboard."""

import streamlit as st

from playground.ui import session


@st.fragment  # a press runs these buttons alone, in a fifth of the time of the page; the stage has heard of it before
def transport() -> None:
    """The buttons in one row."""
    if session.session().problems:
        st.rerun()  # the page has something to say
    playing = session.current().playing
    session.channel().show_transport(playing)
    with st.container(horizontal=True, gap=None, key="transport", vertical_alignment="center", wrap=False):
        _button("rewind", ":material/replay:", "Rewind to the same first weights", "Home")
        if playing:
            _button("pause", ":material/pause:", "Pause", "Space", primary=True)
        else:
            _button("play", ":material/play_arrow:", "Play", "Space", primary=True)
        _button("step", ":material/skip_next:", "Step one batch", "Right")
        _button("epoch", ":material/fast_forward:", "Step one epoch", "Shift+Right")
        _button("weights", ":material/casino:", "New weights: the next seed of the first weights", "W")


def _button(key: str, icon: str, text: str, shortcut: str, primary: bool = False) -> None:
    """key: as the run's `buttons` have it; by it the stage knows the press as well."""
    st.button(
        text,
        icon=icon,
        key=key,
        help=f"{text} ({shortcut.replace('Right', '→').replace('+', ' ')})",
        type="primary" if primary else "secondary",
        shortcut=shortcut,
        on_click=lambda: session.press(key),
    )
