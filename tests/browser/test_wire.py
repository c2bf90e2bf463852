"""The wire in a real browser: Pause at once, what is lost and found, two tabs, and every way to be served."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import WebSocketRoute

from benchmarks.server import App
from tests.browser.live import Live

LINK = "rate=0.004&stop_epochs=0"
SENTENCE = "[data-testid=stage-link]"


class Gate:
    """Between the server and the stage: what the server says can be held back, and the wire be cut."""

    def __init__(self, page):
        self.held: list[bytes | str] | None = None
        page.route_web_socket(lambda url: "/live/" in url, self._route)

    def _route(self, route: WebSocketRoute) -> None:
        self.route = route
        if self.held is not None:
            self.held = []  # a frame says what has changed since the one before on its own socket
        route.connect_to_server().on_message(lambda message: self._pass(route, message))

    def _pass(self, route: WebSocketRoute, message: bytes | str) -> None:
        if self.held is None:
            route.send(message)
        elif route is self.route:
            self.held.append(message)

    def close(self) -> None:
        """Hold back what comes."""
        self.held = []

    def let_go(self, count: int) -> None:
        """Hand the first so many of what was held back to the stage."""
        for _ in range(count):
            self.route.send(self.held.pop(0))

    def open(self) -> None:
        """Hand over all that was held back, and what comes from now on."""
        while self.held:
            self.let_go(1)
        self.held = None

    def cut(self) -> None:
        """Close the socket, as a server does that goes away; what was held back is lost."""
        route, self.held = self.route, None
        route.close(code=1012)


@pytest.fixture
def gated(browser, app) -> Iterator[tuple[Live, Gate]]:
    """The moons page, playing, and the gate on its wire."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    gate = Gate(page)
    live = Live(page, app.url, "moons").open(LINK).play()
    yield live, gate
    context.close()
    assert live.errors == []


def painted(page: Live) -> int:
    return int(page.stage.get_attribute("data-painted"))


def says(page: Live) -> str:
    """What the stage says of its connection."""
    return page.page.locator(SENTENCE).inner_text()


def mark(page: Live) -> Callable[[], bool]:
    """Tells later on whether the stage is still the one that it is now."""
    page.look("root.mine = true")
    return lambda: page.look("root.mine === true")


def test_pause_holds_the_picture_at_once(gated):
    """Frames that were under way when Pause was pressed do not move it: the next one that it shows is the answer."""
    page, gate = gated
    is_same = mark(page)
    gate.close()
    page.wait(lambda: gate.held)
    page.page.wait_for_timeout(300)  # all that was asked for is held
    under_way = len(gate.held)
    page.button("pause").evaluate("button => button.click()")  # at once: playwright's own looks around first
    before, step = painted(page), page.step
    page.wait(lambda: len(gate.held) > under_way)
    gate.let_go(under_way)
    page.page.wait_for_timeout(300)
    assert (painted(page), page.step) == (before, step)
    gate.open()
    page.wait_for("paused")
    page.button("play").wait_for()
    page.page.wait_for_timeout(300)
    assert painted(page) == before + 1
    assert is_same()


def test_what_was_done_when_the_connection_was_lost_is_done_once(gated):
    """The answer to a click is lost with the socket: the stage tells it again, and the run goes on where it stood."""
    page, gate = gated
    is_same, lost = mark(page), gate.route
    gate.close()
    page.click_on("feature", "x1x2")
    page.wait(lambda: len(gate.held) > 2)
    page.page.wait_for_timeout(300)
    gate.cut()
    page.wait_for_link(features="x1,x2,x1x2")
    page.wait(lambda: gate.route is not lost and page.look("stage.frame.header.features[4].on"))
    step = page.step
    page.wait(lambda: page.step > step)
    page.page.wait_for_timeout(500)
    assert page.link["features"] == "x1,x2,x1x2"
    assert is_same()
    assert says(page) == ""


def test_a_network_that_is_gone_for_a_while(opened):
    page = opened("moons", LINK).play()
    is_same, page.is_cut = mark(page), True
    page.page.context.set_offline(True)
    page.wait(lambda: says(page).startswith("The connection is lost"))
    step = page.step
    page.page.wait_for_timeout(1000)
    assert page.step == step
    page.page.context.set_offline(False)
    page.wait(lambda: page.step > step)
    page.wait(lambda: says(page) == "")
    assert page.state == "playing"
    assert is_same()
    page.pause()


def test_two_tabs_on_one_link_are_two_runs(opened):
    first = opened("moons", LINK)
    second = opened("moons", LINK)
    assert first.look("stage.wire.token") != second.look("stage.wire.token")
    first.play().pause()
    second.steps(1)
    assert second.step == 1
    assert first.step > 1


HIDE = """() => {
    const later = [], frame = requestAnimationFrame;
    const tell = () => document.dispatchEvent(new Event("visibilitychange"));
    Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
    window.requestAnimationFrame = (paint) => later.push(paint);
    tell();
    window.lookedAt = () => {
        delete document.hidden;
        window.requestAnimationFrame = frame;
        later.forEach((paint) => frame(paint));
        tell();
    };
}"""  # what a browser does to a tab that is not looked at; a headless one has no such tabs


def test_a_hidden_tab_paints_nothing_and_asks_seldom(opened):
    page = opened("moons", LINK).play()
    page.page.evaluate(HIDE)
    page.page.wait_for_timeout(300)
    before, asked, step = painted(page), page.look("stage.wire.asked"), page.step
    page.page.wait_for_timeout(2500)
    assert painted(page) == before
    assert 1 <= page.look("stage.wire.asked") - asked <= 4
    page.page.evaluate("lookedAt()")
    page.wait(lambda: page.step > step and painted(page) > before + 2)
    page.pause()


def test_a_server_that_is_restarted(visited, tmp_path):
    """The page goes on from its link, and says that the steps are gone."""
    app = App(folder=tmp_path)
    with app:
        page = visited(app, "moons", "net=7-6&" + LINK).play()
        run = page.look("stage.wire.token")
        page.is_cut = True
    page.wait(lambda: says(page).startswith("The connection is lost"))
    page.screenshot("lost")
    with app:
        page.wait(lambda: page.look("stage.wire.token") != run and page.step == 0)
        page.wait(lambda: says(page).startswith("The server has your run no more"))
        page.screenshot("restarted")
        page.is_cut = False
        page.play().pause()
        assert says(page) == ""
        assert page.look("stage.frame.arrays.bias0.length") == 7
        page.page.close()  # before the server is: its connections would be missed
        assert app.tracebacks() == 0


@pytest.mark.parametrize("how", [{"base_path": "nn"}, {"by": "uvicorn"}], ids=["a base path", "uvicorn"])
def test_however_it_is_served(visited, tmp_path, how):
    """From a folder of somebody else, too: the settings stand beside the script."""
    with App(folder=tmp_path, **how) as app:
        page = visited(app, "moons", LINK)
        assert page.page.evaluate("getComputedStyle(document.querySelector('.stApp')).color") == "rgb(26, 34, 48)"
        page.play().pause()
        assert page.look("stage.wire.open")
        page.page.locator("[data-testid=stSidebarNav]").get_by_role("link", name="Circles", exact=True).click()
        page.page.get_by_role("heading", name="Circles", exact=True).wait_for()
        page.wait(lambda: page.stage.count() == 1 and page.state == "ready")
        page.play().pause()
        page.page.close()  # before the server is: its connections would be missed
        assert app.tracebacks() == 0
