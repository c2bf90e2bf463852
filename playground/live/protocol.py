"""What a page can run: the face that runs of the plane, of images, and labs have in common."""

from collections.abc import Mapping
from typing import Protocol

from playground.live.frame import Frame


class Playable(Protocol):
    """Whatever plays on a stage. Every method takes the run's own lock: a click comes while a slice is under way."""

    session: str  # a name of its own, by which the budget knows it
    name: str  # changes when the run is replaced: nothing is interpolated across that
    playing: bool
    haste: float  # times the slice of a picture, where nobody else plays
    buttons: Mapping[str, str]  # of the page's transport, by their keys there: the methods that they call

    @property
    def look_of_page(self) -> tuple:
        """All that the widgets around the stage show, but whether it plays: they are drawn anew when it changes."""

    def train(self, seconds: float) -> None:
        """One slice, if it plays; at its end it pauses."""

    def act(self, action: dict) -> None:
        """Do what was done on the stage (docs/frame.md). Raises ValueError, one sentence, where it cannot be done."""

    def picture(self, note: str, paint: int | None) -> Frame:
        """What the stage shows now."""
