"""One browser and one server for all tests here; each test gets a fresh browser profile, and its errors are counted."""

import functools
import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from benchmarks.browser import MISSING, launch
from benchmarks.server import App
from tests.browser.live import Live


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium; without one the tests are skipped, but under CI=true that is an error."""
    with sync_playwright() as playwright:
        found = launch(playwright)
        if found is None and os.environ.get("CI", "").lower() == "true":
            pytest.fail(MISSING)
        if found is None:
            pytest.skip(MISSING)
        yield found
        found.close()


@pytest.fixture(scope="session")
def app() -> Iterator[App]:
    """The app in a process of its own, on a free port."""
    with App() as started:
        yield started
        assert started.tracebacks() == 0, started.log()


@pytest.fixture
def visited(browser: Browser) -> Iterator[Callable[..., Live]]:
    """Opens pages of a server: `visited(app, "moons", "rate=0.1")`. None may have an error or ask an outside host."""
    contexts, pages = [], []

    def open_page(app: App, view: str, link: str = "", **options) -> Live:
        contexts.append(browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options}))
        pages.append(Live(contexts[-1].new_page(), app.url, view))
        return pages[-1].open(link)

    yield open_page
    for context in contexts:
        context.close()
    for page in pages:
        assert page.errors == []
        assert page.outside == []


@pytest.fixture
def opened(visited: Callable[..., Live], app: App) -> Callable[..., Live]:
    """Opens pages of the server that all tests share: `opened("moons", "rate=0.1")`."""
    return functools.partial(visited, app)
