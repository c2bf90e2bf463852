"""User text made harmless for Streamlit's Markdown: shown as written, never as formatting, a link or a picture."""

import re


def plain(text: str) -> str:
    """`text` with every character escaped that Markdown would take for more than itself."""
    return re.sub(r"([\\`&*_{}\[\]()<>#+\-.!|~$:])", r"\\\1", text)
