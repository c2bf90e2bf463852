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


def stage(frame: bytes, key: str, on_next: Callable[[], None], on_act: Callable[[], None]) -> None:
    """Show a frame. `on_next` is called when the stage asks for the next one, `on_act` when the person does something.

    `told(key, "next")` and `told(key, "act")` then say what, as docs/frame.md describes it.
    """
    _component(key=key, data=frame, on_next_change=on_next, on_act_change=on_act)


def told(key: str, trigger: str):
    """What the stage called `key` has just told by one of its triggers, or None."""
    state = st.session_state.get(key)
    return state.get(trigger) if hasattr(state, "get") else None
