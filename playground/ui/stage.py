"""The stage: the canvas component that paints the live page.

Its code is the ES modules in `playground/static/stage/`, which Streamlit serves as they are and the browser fetches
once. What Streamlit sends is only this three-line loader. The hash in the address changes with the code, so a
browser never runs yesterday's modules.
"""

import hashlib
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


def stage(frame: bytes, key: str) -> None:
    """Show a frame, and let the stage take up its wire; it tells the trigger `news` when the page is due."""
    _component(key=key, data=frame, on_news_change=lambda: None)
