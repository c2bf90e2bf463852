"""The address bar, and the browser's Back and Forward: one press undoes, or does again, one thing that a person did.

Streamlit adds an entry to the browser's history when a page is opened, by its bare address, and one more each time that
a script sets the query. So what a person changes is set as a query, which adds its entry. What a page makes of the
address by which it was opened adds none: the button Copy link, which every page has, puts it into the entry that is
there already. On Back and Forward Streamlit runs the page with the query of that entry, says that it does, and adds
nothing.
"""

from dataclasses import dataclass, field
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from playground.experiments.address import once_each

KEPT = 30  # links: a request that was on its way when the link changed still carries an older one, which is no new link


@dataclass
class History:
    """links: as each page wrote them, the newest last. page: the one that is open.

    opened_by: the query by which it was opened, until the browser has answered with what is made of it; placed: that.
    """

    links: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    page: str = ""
    opened_by: dict[str, str] | None = None
    placed: dict[str, str] = field(default_factory=dict)

    def arrive(self, page: str) -> dict[str, str]:
        """The query of the address bar if it is a link to be opened on this page, else an empty one."""
        says = dict(st.query_params)
        query = once_each((key, value) for key in st.query_params for value in st.query_params.get_all(key))
        written, left = self.links.get(page, []), self.links.get(self.page, [])
        if went_back():
            new = query not in written[-1:]
        elif self.page != page:
            new = query not in (*written, *left)  # it may still speak of the page that was left
        else:
            new = query not in written and says != self.opened_by
        if new or self.page != page:
            self.page, self.opened_by, self.placed = page, says, {}
        return query if new else {}

    def write(self, page: str, link: dict[str, str]) -> None:
        """Let the address bar say this link of the page that is open."""
        says = dict(st.query_params)
        if says == self.opened_by and self.placed in ({}, link):
            self.placed = link
        else:
            self.opened_by = None
            if says != link:
                st.query_params.from_dict(link)
        self.links[page] = [*(old for old in self.links.get(page, []) if old != link), link][-KEPT:]

    @property
    def to_place(self) -> str:
        """The query that belongs into the entry of the history that the page was opened by; "" for none."""
        return f"?{urlencode(self.placed)}" if self.opened_by is not None and self.placed else ""


def went_back() -> bool:
    """Whether Back or Forward brought the browser to the query that the page is run with."""
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))
