"""A study that measures something instead of training runs: the measurement, made behind the page.

It may take a minute, so it is made in a process of its own, one at a time for the whole server; the server keeps what
was found for everybody.
"""

import uuid

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from playground.experiments.measuring import Measurement, apart
from playground.experiments.studies import Measured, Study, missing
from playground.figures.labs import drawn
from playground.figures.studies import figure

PAPER, INK = "#12151c", "#e8ebf1"  # of a dark page


class CheckRun:
    """The measurement of a study: a Playable without a stage.

    It also stands for a study whose pictures are not here; `seeds` are those that it is to be run with when they are.
    """

    def __init__(self, study: Study, seeds: int = 0):
        self.study, self.seeds = study, seeds
        self.session = uuid.uuid4().hex
        self.measurement = Measurement(f"Study {study.id}", self._measure)
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
        return self.measurement.is_running

    @property
    def found(self) -> Measured | None:
        """What was found."""
        return self.measurement.found

    @property
    def problem(self) -> str:
        """Why nothing was found, in one sentence."""
        return self.measurement.problem

    @property
    def look_of_page(self) -> tuple:
        """What the page around it shows."""
        return self.study.id, self.state

    def play(self) -> None:
        """Measure."""
        if self.state in ("ready", "failed"):
            self.measurement.begin()

    def pause(self) -> None:
        """A measurement goes on to its end: it is kept for everybody."""

    def _measure(self) -> Measured:
        if self.study.known is None:
            self.study.keep(apart("study", self.study.id))
        return self.study.known

    def figure(self) -> Figure:
        """The figure, fit for a report."""
        return figure(self.study, [])

    def png(self, dark: bool) -> bytes:
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
