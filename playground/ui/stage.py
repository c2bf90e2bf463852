"""The stage: the canvas component that paints the live page.

Its code is the ES modules in `playground/static/stage/`, which Streamlit serves as they are and the browser fetches
once. What Streamlit sends is only this short loader, with the list of the modules as they stand in the folder. The hash
in the address changes with the code, so a browser never runs yesterday's modules.
"""

import hashlib
import json
from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).parent.parent / "static" / "stage"
DOOR = "main.js"
MODULES = sorted(file.relative_to(FOLDER).as_posix() for file in FOLDER.rglob("*.js"))


def _hash_of_code() -> str:
    digest = hashlib.sha256()
    for module in MODULES:
        digest.update(module.encode() + (FOLDER / module).read_bytes())
    return digest.hexdigest()[:12]


LOADER = f"""
const modules = {json.dumps([module for module in MODULES if module != DOOR])};
export default async function (component) {{
  const stage = await import(new URL('app/static/stage/{DOOR}?v={_hash_of_code()}', document.baseURI).href);
  return stage.default(component, modules);
}}
"""

_component = st.components.v2.component("nn_playground_stage", js=LOADER)


def stage(frame: bytes, key: str) -> None:
    """Show a frame, and let the stage take up its wire; it tells the trigger `news` when the page is due."""
    _component(key=key, data=frame, on_news_change=lambda: None)
