"""Links and the history of the browser, without a browser: what is set as a query, what is only placed, what is new.

The browser is played here: `says` is the query that it sends, as Streamlit hands it on.
"""

from types import SimpleNamespace

import pytest

from playground.ui import history
from playground.ui.history import KEPT, History


class Query(dict):
    """st.query_params, with the number of entries that setting it has added."""

    entries = 0

    def get_all(self, key):
        return [self[key]]

    def from_dict(self, link):
        self.entries += 1
        self.clear()
        self.update(link)


class Browser:
    """An address bar, and a session's history that hears of it."""

    def __init__(self, monkeypatch):
        self.says, self.memory, self.back = Query(), History(), False
        monkeypatch.setattr(history, "st", SimpleNamespace(query_params=self.says))
        monkeypatch.setattr(history, "went_back", lambda: self.back)

    def run(self, page, says=None, back=False):
        """A script run with a query: what the page is to open."""
        if says is not None:
            self.says.clear()
            self.says.update(says)
        self.back = back
        return self.memory.arrive(page)

    def answer(self):
        """The browser does what it was told to place."""
        assert self.memory.to_place
        self.says.clear()
        self.says.update(self.memory.placed)


@pytest.fixture
def browser(monkeypatch):
    return Browser(monkeypatch)


def test_what_opens_a_page_adds_no_entry(browser):
    for says in ({}, {"a": "1"}, {"a": "1", "b": "2"}):
        browser.memory = History()
        browser.says.entries = 0
        assert browser.run("page", says) == says
        browser.memory.write("page", {"a": "1", "b": "2"})
        assert browser.says.entries == 0
        assert browser.memory.to_place == "?a=1&b=2"
        assert browser.run("page") == {}  # of a request that was sent before the browser has placed it
        browser.memory.write("page", {"a": "1", "b": "2"})
        browser.answer()
        assert browser.run("page") == {}
        browser.memory.write("page", {"a": "1", "b": "2"})
        assert (browser.says.entries, browser.memory.to_place in ("", "?a=1&b=2")) == (0, True)


def test_what_a_person_changes_is_one_entry_even_where_the_browser_never_answered(browser):
    for answers in (True, False):
        browser.memory, browser.says.entries = History(), 0
        browser.run("page", {})
        browser.memory.write("page", {"a": "1"})
        if answers:
            browser.answer()
        browser.run("page")
        browser.memory.write("page", {"a": "2"})
        browser.memory.write("page", {"a": "2"})
        assert (browser.says, browser.says.entries, browser.memory.to_place) == ({"a": "2"}, 1, "")


def test_an_older_link_of_the_page_is_new_only_where_back_came_to_it(browser):
    browser.run("page", {"a": "1"})
    for value in "123":
        browser.memory.write("page", {"a": value})
    assert browser.run("page", {"a": "2"}) == {}
    assert browser.run("page", {"a": "4"}) == {"a": "4"}
    assert browser.run("page", {"a": "3"}, back=True) == {}  # it is what the page shows
    assert browser.run("page", {"a": "1"}, back=True) == {"a": "1"}


def test_the_query_of_the_page_that_was_left_is_no_link_of_the_next_one_but_after_back(browser):
    browser.run("first", {})
    browser.memory.write("first", {"a": "1"})
    assert browser.run("second", {"a": "1"}) == {}
    browser.memory.write("second", {"b": "1"})
    assert browser.run("first", {"a": "2"}, back=True) == {"a": "2"}


def test_links_are_kept_up_to_a_number(browser):
    for value in range(2 * KEPT):
        browser.memory.write("page", {"a": str(value)})
    assert [link["a"] for link in browser.memory.links["page"]] == [str(value) for value in range(KEPT, 2 * KEPT)]
