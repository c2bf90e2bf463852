"""A live page in a real browser, with short names for what a person does and sees there.

What the stage tells tests is described in docs/frame.md, "What tests can see".
"""

import hashlib
import re
import time
from collections.abc import Callable
from urllib.parse import parse_qsl, quote, urlsplit

from playwright.sync_api import Locator, Page

from tests.pages import FIRST, ROOT

RESULTS = ROOT / "test-results"
TIMEOUT = 30.0  # seconds; generous, because machines that test are busy
# A page that is opened by its own address makes Streamlit's front end look for the server below that address first,
# and the browser notes that it is not there.
PROBES = ("/_stcore/health", "/_stcore/host-config")
UNREACHABLE = re.compile(
    "net::ERR_|^(WebSocket connection to|Client Error in reaching|Streamlit server is not responding)"
)
FILM = """root => {
    root.__film = new Set();
    const keep = () => root.__film.add(root.__stage.canvas.toDataURL());
    new MutationObserver(keep).observe(root, { attributeFilter: ["data-painted"] });
}"""


class Live:
    """One page in one browser profile."""

    def __init__(self, page: Page, base: str, view: str):
        self.page, self.base = page, base
        self.path = "" if view == FIRST else view  # the app's first page stands at its bare address
        self.errors: list[str] = []
        self.outside: list[str] = []
        self.is_cut = False  # while a test cuts the connection, the browser says that it cannot reach the server
        page.on("pageerror", lambda error: self.errors.append(f"page error: {error}"))
        page.on("console", self._note_console)
        page.on("request", self._note_request)
        page.on("websocket", self._note_request)

    def _note_console(self, message) -> None:
        if message.type != "error" or (self.is_cut and UNREACHABLE.search(message.text)):
            return
        address = message.location.get("url", "").split("?")[0]
        probed = [f"{self.base}/{self.path}".rstrip("/") + probe for probe in PROBES]
        if not ("404" in message.text and address in probed):
            self.errors.append(f"console: {message.text} {message.location}")

    def _note_request(self, request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob", "about") and address.netloc != urlsplit(self.base).netloc:
            self.outside.append(request.url)

    # --- opening ----------------------------------------------------------------------------------------------------

    def open(self, link: str = "") -> "Live":
        """Go to the page's address with a link's query, and wait for the first picture."""
        self.page.goto(f"{self.base}/{self.path}?{quote(link, safe='=&(),-.^')}")
        self.wait(lambda: self.stage.count() == 1 and self.stage.get_attribute("data-painted"))
        self.button("play").wait_for()
        return self

    @property
    def link(self) -> dict[str, str]:
        """The query in the address bar."""
        return dict(parse_qsl(urlsplit(self.page.url).query))

    # --- seeing -----------------------------------------------------------------------------------------------------

    @property
    def stage(self) -> Locator:
        return self.page.locator("[data-testid=stage]")

    @property
    def step(self) -> int:
        return int(self.stage.get_attribute("data-step"))

    @property
    def state(self) -> str:
        return self.stage.get_attribute("data-state")

    @property
    def readings(self) -> dict[str, str]:
        """The status line: label -> value."""
        items = self.page.locator("[data-testid=stage-status] .reading").all()
        return {item.locator(".label").inner_text(): item.locator(".value").inner_text() for item in items}

    @property
    def accuracy(self) -> float:
        """Test accuracy in percent, as it is printed."""
        return float(self.readings["Test accuracy"].removesuffix("%"))

    def picture(self) -> str:
        """A checksum over the pixels of the canvas."""
        pixels = self.page.locator("[data-testid=stage-canvas]").evaluate("canvas => canvas.toDataURL()")
        return hashlib.sha256(pixels.encode()).hexdigest()

    def film(self) -> None:
        """From now on keep every picture that is painted; `filmed` tells how many differ.

        The browser keeps them itself: a driver that asks again and again sees few of those that follow fast.
        """
        self.stage.evaluate(FILM)

    @property
    def filmed(self) -> int:
        """How many different pictures were painted since `film`."""
        return self.stage.evaluate("root => root.__film.size")

    def look(self, expression: str):
        """Evaluate JavaScript with `stage`, the object behind the canvas."""
        return self.stage.evaluate(f"root => {{ const stage = root.__stage; return {expression}; }}")

    def screenshot(self, name: str) -> None:
        """Store what the page looks like under test-results/."""
        RESULTS.mkdir(exist_ok=True)
        self.page.screenshot(path=RESULTS / f"{name}.png")

    # --- doing ------------------------------------------------------------------------------------------------------

    def button(self, key: str) -> Locator:
        """The button of a key."""
        return self.page.locator(f".st-key-{key} button").first

    def click(self, key: str) -> "Live":
        """Press a button."""
        self.button(key).click()
        return self

    def play(self) -> "Live":
        """Press Play, and wait until it has learned something."""
        before = self.step
        self.click("play")
        self.wait(lambda: self.state != "paused" and self.step != before)
        return self

    def pause(self) -> "Live":
        """Press Pause, and wait until it stands still."""
        self.click("pause")
        self.wait_for("paused")
        self.button("play").wait_for()
        return self

    def steps(self, count: int) -> "Live":
        """Press "Step one batch" so many times."""
        for _ in range(count):
            before = self.step
            self.click("step")
            self.wait(lambda before=before: self.step == before + 1)
        return self

    def place(self, *what) -> tuple[float, float]:
        """Where a thing stands on the stage, in the window."""
        place = self.stage.evaluate("(root, what) => root.__stage.where(...what)", list(what))
        return place["x"], place["y"]

    def click_on(self, *what) -> None:
        """Click on a thing on the canvas."""
        self.page.mouse.click(*self.place(*what))

    def wait_for(self, state: str) -> None:
        """Wait until the stage is in a state."""
        self.wait(lambda: self.state == state)

    def wait(self, condition: Callable[[], object], seconds: float = TIMEOUT) -> None:
        """Wait until the condition holds; fails with its source line else."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"waited {seconds:g} s in vain; {self.describe()}"
            self.page.wait_for_timeout(30)

    def wait_for_link(self, **parts: str) -> None:
        """Wait until the address bar says this."""
        self.wait(lambda: all(self.link.get(key) == value for key, value in parts.items()))

    def describe(self) -> str:
        """What the page shows, for a test that fails."""
        summary = self.page.locator("#stage-summary")
        return f"{re.sub(chr(92) + 's+', ' ', summary.inner_text())} {self.link}" if summary.count() else self.page.url
