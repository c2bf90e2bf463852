"""A study that measures something instead of training runs: the measurement, made behind the page.

It may take a minute, so it is made in a thread, one at a time for the whole server; the process keeps what it found.
"""

import logging
import threading
import time
import uuid

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from playground.datasets.base import DataError
from playground.experiments.studies import Measured, Study, missing
from playground.figures.labs import drawn
from playground.figures.studies import figure

ONE_AT_A_TIME = threading.Lock()
PAPER, INK = "#12151c", "#e8ebf1"  # of a dark page


class CheckRun:
    """The measurement of a study, with the face that session.py asks of a run.

    It also stands for a study whose pictures are not here; `seeds` are those that it is to be run with when they are.
    """

    def __init__(self, study: Study, seeds: int = 0):
        self.study, self.seeds = study, seeds
        self.session = uuid.uuid4().hex
        self.found: Measured | None = None
        self.problem = ""
        self._thread: threading.Thread | None = None
        self._began = 0.0
        self._pictures: dict[bool, bytes] = {}

    @property
    def state(self) -> str:
        """missing (its data are not here), ready, playing, failed or finished."""
        if self.playing:
            return "playing"
        if self.found:
            return "finished"
        return "missing" if missing(self.study) else "failed" if self.problem else "ready"

    @property
    def playing(self) -> bool:
        """Whether it is being measured."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def look_of_page(self) -> tuple:
        """What the page around it shows."""
        return self.study.id, self.state

    @property
    def seconds(self) -> float:
        """For how long it has been measuring."""
        return time.monotonic() - self._began

    def play(self) -> None:
        """Measure."""
        if self.state in ("ready", "failed"):
            self._began = time.monotonic()
            self._thread = threading.Thread(target=self._measure, daemon=True)
            self._thread.start()

    def pause(self) -> None:
        """A measurement goes on to its end: it is kept for everybody."""

    def _measure(self):
        try:
            with ONE_AT_A_TIME:
                self.found = self.study.measured()
        except DataError as error:
            self.problem = str(error)
        except MemoryError:
            self.problem = "The server has not enough memory for this measurement; try again later."
        except Exception:  # a fault of ours: whoever waits must hear of it, and the log has the rest
            self.problem = f"Study {self.study.id} could not be measured; the server's log says why."
            logging.getLogger(__name__).exception("study %s", self.study.id)

    def figure(self) -> Figure:
        """The figure, fit for a report."""
        return figure(self.study, [])

    def picture(self, dark: bool) -> bytes:
        """The figure as a PNG in the colours of the page."""
        if dark not in self._pictures:
            found = self.figure()
            self._pictures[dark] = drawn(_darkened(found) if dark else found, "png")
        return self._pictures[dark]


def _darkened(found: Figure) -> Figure:
    """The figure on dark paper: its own parts, since matplotlib's settings are shared by all threads of the server."""
    found.set_facecolor(PAPER)
    for axes in found.findobj(Axes):
        axes.set_facecolor(PAPER)
        axes.tick_params(which="both", colors=INK)
        for spine in axes.spines.values():
            spine.set_color(INK)
    for text in found.findobj(Text):
        text.set_color(INK)
    return found
