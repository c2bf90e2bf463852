"""The stage: the canvas component that paints the live page.

Its code is the ES modules in `playground/static/stage/`, which Streamlit serves as they are and the browser fetches
once. What is sent with every frame is only this three-line loader. The hash in the address changes with the code, so a
browser never runs yesterday's modules.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).parent.parent / "static" / "stage"


def _hash_of_code() -> str:
    digest = hashlib.sha256()
    for file in sorted(FOLDER.iterdir()):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


LOADER = f"""
export default async function (component) {{
  const stage = await import(new URL('app/static/stage/main.js?v={_hash_of_code()}', document.baseURI).href);
  return stage.default(component);
}}
"""

_component = st.components.v2.component("nn_playground_stage", js=LOADER)


def stage(frame: bytes, key: str, on_act: Callable[[], None]) -> None:
    """Show a frame. `on_act` is called when the person does something on the canvas; `action(key)` tells what."""
    _component(key=key, data=frame, on_next_change=_asked_for_next, on_act_change=on_act)


def action(key: str) -> dict:
    """What the person has just done on the stage called `key`: an object of docs/frame.md, or empty."""
    state = st.session_state.get(key) or {}
    done = state.get("act") if hasattr(state, "get") else None
    return dict(done) if done else {}


def _asked_for_next():
    """The stage has painted and wants the next frame: the rerun that brings it is all that is needed."""
