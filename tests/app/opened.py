"""The app without a browser: a page opened in Streamlit's AppTest, with short names for what a person does there.

A control runs the script, which mounts the stage. What the stage then asks for in the browser, over its wire, is here
asked for by `tick`: of the channel whose token the script has put into the page, with no socket between.
"""

import itertools
import re
from unittest.mock import patch

import numpy as np
from streamlit.testing.v1 import AppTest

from playground.live.budget import Budget
from playground.live.channel import CHANNELS, Channel
from playground.live.frame import Sent
from playground.live.messages import Request
from playground.live.run import Run
from tests.live.frames import Reader, unpack
from tests.pages import APP

STAGE = "nn_playground_stage"  # the component's name
NAMES = itertools.count()  # of stages: each that is mounted has one of its own


class Opened:
    """One session with one page open. Whatever it does, an exception on the page fails the test."""

    def __init__(self, view: str, link: dict[str, str] | str = ""):
        self.view = view
        self.stage = Stage("")
        self.at = AppTest.from_file(APP, default_timeout=60)
        self._run()  # the pages are known after the first run
        self.go(view, link)

    def go(self, view: str, link: dict[str, str] | str = "") -> None:
        """Open another page (or the same one anew) at a link, given as a query."""
        self.view = view
        self.at.switch_page(f"views/{view}.py")
        query = dict(part.split("=", 1) for part in link.split("&") if part) if isinstance(link, str) else link
        self.at.query_params = query
        self.rerun()

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

    def rerun(self) -> "Opened":
        """Run the script, as whatever is used on the page does; the stage then asks for a picture, if there is one."""
        self._run()
        return self.tick() if self.mounted else self

    def tick(self, count: int = 1) -> "Opened":
        """The stage asks for so many pictures; where one says that the page is due, the script runs again."""
        for _ in range(count):
            if self.ask()["due"]:
                self._run()
        return self

    def ask(self, *deeds: dict) -> dict:
        """The stage asks for one picture, and tells what was done on it; returns the header as the stage knows it."""
        assert self.mounted, "There is no stage on this page."
        return self.stage.ask(*deeds)[0]

    def do(self, **deed) -> "Opened":
        """Something is done on the canvas."""
        if self.ask(deed)["due"]:
            self._run()
        return self

    @property
    def channel(self) -> Channel:
        """The channel of the page."""
        memory = self.at.session_state["playground"]
        return memory.channels[memory.page]

    def _run(self):
        self.at.run()
        assert not self.at.exception, self.at.exception
        found = [one.proto for one in self.at.get("bidi_component") if one.proto.component_name == STAGE]
        assert len(found) <= 1
        self.mounted = bool(found)
        if found:
            self.first, _ = unpack(found[0].bytes)
            if self.channel.connection is None:  # else the stage gets its pictures over the wire
                assert self.first["run"] == self.channel.run.name
            if self.first["token"] != self.stage.token:
                self.stage = Stage(self.first["token"])

    def to_the_end(self) -> "Opened":
        """Press Run, and tick until all is done."""
        self.click("play")
        with patch.object(Budget, "slice_for", lambda *_: 1.0):  # seconds: few ticks are enough
            for _ in range(60):
                if self.run.state == "finished":
                    return self
                self.tick()
        raise AssertionError(f"{self.run.state}, {self.run.progress}")

    def without_end(self) -> "Opened":
        """Lift the rule that ends the run: small pictures are learned before a test has looked around."""
        if self.run.config.stop_epochs:
            self.run.apply(self.run.config.replace(stop_epochs=0))
            self.rerun()
        return self

    def click(self, key: str) -> "Opened":
        """Press a button."""
        self.at.button(key=key).click()
        return self.rerun()

    def choose(self, key: str, value) -> "Opened":
        """Choose in a select box."""
        self.at.selectbox(key=key).set_value(value)
        return self.rerun()

    def type(self, key: str, text: str) -> "Opened":
        """Type into a select box what it does not offer."""
        self.at.selectbox(key=key).options.append(text)
        return self.choose(key, text)

    def number(self, key: str, value) -> "Opened":
        """Type into a number field."""
        self.at.number_input(key=key).set_value(value)
        return self.rerun()

    def pick(self, key: str, value) -> "Opened":
        """Press a pill."""
        self.at.button_group(key=key).set_value(value)
        return self.rerun()

    def open(self, popover: str) -> "Opened":
        """Open "data", "settings" or what else opens."""
        self.at.session_state[f"{popover}-popover"] = True
        return self.rerun()


class Stage:
    """What stands in the browser for a token of the page: it asks over the wire, and knows what it has been sent."""

    def __init__(self, token: str):
        self.token, self.name = token, f"stage {next(NAMES)}"
        self._sent, self._reader = Sent(), Reader()
        self._asked = self._deeds = 0

    def ask(self, *deeds: dict) -> tuple[dict, dict[str, np.ndarray]]:
        """Tell what was done and ask for a picture; returns its whole header and arrays."""
        self._asked += 1
        numbered = []
        for deed in deeds:
            self._deeds += 1
            numbered.append(deed | {"number": self._deeds})
        request = Request(self.name, self._asked, tuple(numbered))
        header, arrays = self._reader.take(CHANNELS[self.token].answer(request, self._sent))
        assert (header["answers"], header["acted"]) == (self._asked, self._deeds)
        return header, arrays
