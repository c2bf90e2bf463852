"""The transport: rewind, Play or Pause, step, new weights. Ordinary buttons, each with a shortcut on the keyboard."""

from collections.abc import Callable

import streamlit as st

from playground.ui import session


def transport() -> None:
    """The buttons in one row."""
    playing = session.current().playing
    with st.container(horizontal=True, gap=None, key="transport", vertical_alignment="center", wrap=False):
        _button("rewind", ":material/replay:", "Rewind to the same first weights", "Home", lambda run: run.rewind)
        if playing:
            _button("pause", ":material/pause:", "Pause", "Space", lambda run: run.pause, primary=True)
        else:
            _button("play", ":material/play_arrow:", "Play", "Space", lambda run: run.play, primary=True)
        _button("step", ":material/skip_next:", "Step one batch", "Right", lambda run: run.step_batch)
        _button("epoch", ":material/fast_forward:", "Step one epoch", "Shift+Right", lambda run: run.step_epoch)
        _button(
            "weights",
            ":material/casino:",
            "New weights: the next seed of the first weights",
            "W",
            lambda run: run.new_weights,
        )


def _button(key: str, icon: str, text: str, shortcut: str, method: Callable, primary: bool = False) -> None:
    st.button(
        text,
        icon=icon,
        key=key,
        help=f"{text} ({shortcut.replace('Right', '→').replace('+', ' ')})",
        type="primary" if primary else "secondary",
        shortcut=shortcut,
        on_click=lambda: session.attempt(method(session.current())),
    )
