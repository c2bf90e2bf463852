"""How the page looks around the stage: one sheet of CSS, and the brand in the sidebar.

Streamlit's own spacing is made for documents that scroll; the live page is an instrument that fits one screen.
"""

from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).parent.parent / "static"


def style() -> None:
    """The sheet of the live pages."""
    st.html(FOLDER / "page.css")


def brand() -> None:
    """The name of the app, at the head of the sidebar."""
    dark = st.context.theme.type == "dark"
    st.logo(FOLDER / ("brand-dark.svg" if dark else "brand-light.svg"), size="large")
