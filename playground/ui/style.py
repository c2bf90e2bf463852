"""How the page looks around the stage: one sheet of CSS, and the brand in the sidebar.

Streamlit's own spacing is made for documents that scroll; the live page is an instrument that fits one screen.
"""

from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).parent.parent / "static"
ACCENTS = {"light": "#2257d6", "dark": "#7aa2ff"}  # the primary colours of playground/.streamlit/config.toml


def style() -> None:
    """The sheet of all pages."""
    sheet = (FOLDER / "page.css").read_text(encoding="utf-8")
    st.html(f"<style>:root {{ --accent: {ACCENTS[_theme()]}; }}\n{sheet}</style>")


def brand() -> None:
    """The name of the app, at the head of the sidebar."""
    st.logo(FOLDER / f"brand-{_theme()}.svg", size="large")


def is_dark() -> bool:
    """Whether the page is dark."""
    return _theme() == "dark"


def _theme() -> str:
    return "dark" if st.context.theme.type == "dark" else "light"
