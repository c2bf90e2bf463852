"""The app without a browser: a page opened in Streamlit's AppTest, with short names for what a person does there.

Each script run is a tick of the live loop: what the stage asks for in the browser is here asked for by `tick`.
"""

import re

from streamlit.testing.v1 import AppTest

from playground.ui.run import Run
from tests.pages import APP


class Opened:
    """One session with one page open. Whatever it does, an exception on the page fails the test."""

    def __init__(self, view: str, link: dict[str, str] | str = ""):
        self.view = view
        self.at = AppTest.from_file(APP, default_timeout=60)
        self.tick()  # the pages are known after the first run
        self.go(view, link)

    def go(self, view: str, link: dict[str, str] | str = "") -> None:
        """Open another page (or the same one anew) at a link, given as a query."""
        self.view = view
        self.at.switch_page(f"views/{view}.py")
        query = dict(part.split("=", 1) for part in link.split("&") if part) if isinstance(link, str) else link
        self.at.query_params = query
        self.tick()

    @property
    def run(self) -> Run:
        """The run that the page shows."""
        return self.at.session_state["playground"].runs[self.view]

    @property
    def link(self) -> dict[str, str]:
        """What the address bar says: the query that was set, or that waits to be put into it without an entry."""
        history = self.at.session_state["playground"].history
        return dict(history.links[history.page][-1])

    @property
    def problems(self) -> list[str]:
        """The sentences that the page shows, as a person reads them."""
        shown = [toast.value for toast in self.at.toast] + [error.value for error in self.at.error]
        return [re.sub(r"\\(.)", r"\1", text) for text in shown]

    @property
    def sentence(self) -> str:
        """What the page says, where it says exactly one thing."""
        assert len(self.problems) == 1, self.problems
        sentence = self.problems[0]
        assert sentence.endswith(".")
        assert "\n" not in sentence
        assert len(sentence) < 400
        assert list(self.at.warning) == []  # such as Streamlit's own words about the code of the page
        return sentence

    @property
    def buttons(self) -> list[str]:
        """The keys of the buttons that are there."""
        return [button.key for button in self.at.button]

    def tick(self, count: int = 1) -> "Opened":
        """Run the script so many times."""
        for _ in range(count):
            self._run()
            if "pause" in self.buttons and not self.run.playing:
                self._run()  # the run came to its end: the stage asks once more, and the page around it is drawn anew
        return self

    def _run(self):
        self.at.run()
        assert not self.at.exception, self.at.exception

    def to_the_end(self) -> "Opened":
        """Press Run, and tick until all is done."""
        self.click("play")
        for _ in range(60):
            if self.run.state == "finished":
                return self
            self.tick()
        raise AssertionError(f"{self.run.state}, {self.run.progress}")

    def without_end(self) -> "Opened":
        """Lift the rule that ends the run: small pictures are learned before a test has looked around."""
        if self.run.config.stop_epochs:
            self.run.apply(self.run.config.replace(stop_epochs=0))
            self.tick()
        return self

    def click(self, key: str) -> "Opened":
        """Press a button."""
        self.at.button(key=key).click()
        return self.tick()

    def choose(self, key: str, value) -> "Opened":
        """Choose in a select box."""
        self.at.selectbox(key=key).set_value(value)
        return self.tick()

    def type(self, key: str, text: str) -> "Opened":
        """Type into a select box what it does not offer."""
        self.at.selectbox(key=key).options.append(text)
        return self.choose(key, text)

    def number(self, key: str, value) -> "Opened":
        """Type into a number field."""
        self.at.number_input(key=key).set_value(value)
        return self.tick()

    def pick(self, key: str, value) -> "Opened":
        """Press a pill."""
        self.at.button_group(key=key).set_value(value)
        return self.tick()

    def open(self, popover: str) -> "Opened":
        """Open "data", "settings" or what else opens."""
        self.at.session_state[f"{popover}-popover"] = True
        return self.tick()
