"""From the text of an address to the parts of its link, the same for the page and for the command line.

A link goes through browsers, mails, chats and documents on its way. They encode characters, write `&amp;` for `&`, put
signs around it, and hang a fragment or words of their own behind it: none of that changes what the link says.
"""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl

from nn_core.spec import SpecError, clip
from playground.experiments.link import TWICE

AROUND = " \t\r\n<>\"'`“”‘’«»"  # what stands around a link; no key and no value of ours begins or ends with one
FOREIGN = re.compile("embed|embed_options|utm_.*|fbclid|gclid|msclkid")  # Streamlit's own parts, and those of others


def parts_of(link: str) -> dict[str, str]:
    """The parts of a link, with or without the address before its question mark, as a browser writes it or plainly.

    `view`, the plane that a page looks at, is no part of a run. Raises SpecError, one sentence, for a text that is no
    link.
    """
    text = link.strip(AROUND)
    before, mark, query = text.partition("#")[0].rpartition("?")
    if not mark and ("/" in query.partition("=")[0]):
        raise SpecError(f"The address {clip(query)!r} names no settings; copy it with Copy link, on its page.")
    pairs = []
    for part in filter(None, query.replace("&amp;", "&").split("&")):
        if "=" not in part:
            raise SpecError(f"{clip(part)!r} in the link has no value; a part looks like rate=0.1.")
        pairs += parse_qsl(part, keep_blank_values=True, separator="&")
    parts = once_each(pairs)
    parts.pop("view", None)
    if before and parts and "data" not in parts:
        raise SpecError(f"The address {clip(text)!r} does not name its data; copy it with Copy link, on its page.")
    return parts


def _bare(value: str) -> str:
    """A value without the signs that stood around its link; one that begins with such a sign is meant to."""
    text = value.strip()
    return text if text.startswith("<") else text.strip(AROUND).rstrip("/")


def once_each(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Decoded keys and values as the parts of a link, in any order, without what was added on the way.

    A key with two different values keeps both, which no reader takes (link.TWICE).
    """
    found: dict[str, set[str]] = {}
    for key, value in pairs:
        name = key.strip(AROUND).removeprefix("amp;")
        if not FOREIGN.fullmatch(name):
            found.setdefault(name, set()).add(_bare(value))
    return {key: TWICE.join(sorted(values)) for key, values in found.items()}
