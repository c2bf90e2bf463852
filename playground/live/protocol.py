"""What a page can run: the face that runs of the plane and of images, labs and measurements have in common.

`Playable` is what a session asks of all of them, `Staged` what the channel asks of those that play on a stage.
"""

from collections.abc import Mapping
from typing import Protocol

from playground.live.frame import Frame


class Playable(Protocol):
    """Whatever a page runs. It belongs to one page of one session, and is left standing when the page is left."""

    session: str  # a name of its own, by which the budget knows it

    @property
    def playing(self) -> bool:
        """Whether it goes on by itself."""

    @property
    def state(self) -> str:
        """In one word, as the page says it: ready, playing, finished, .."""

    @property
    def look_of_page(self) -> tuple:
        """All that the widgets around the stage show, but whether it plays: they are drawn anew when it changes."""

    def play(self) -> None:
        """Go on; at its end from the start again, where that makes sense."""

    def pause(self) -> None:
        """Stand still, where it can; what is done stays."""


class Staged(Playable, Protocol):
    """Whatever plays on a stage. Every method takes the run's own lock: a click comes while a slice is under way."""

    name: str  # changes when the run is replaced: nothing is interpolated across that
    haste: float  # times the slice of a picture, where nobody else plays
    buttons: Mapping[str, str]  # of the page's transport, by their keys there: the methods that they call
    projector: bool  # whether its text is to be read from the last row
    frame_number: int  # of the last frame

    def change(self, **changes) -> object:
        """Change some of what it is made of. Raises ValueError, one sentence, and changes nothing, where it cannot."""

    def train(self, seconds: float) -> None:
        """One slice, if it plays; at its end it pauses."""

    def act(self, action: dict) -> None:
        """Do what was done on the stage (docs/frame.md). Raises ValueError, one sentence, where it cannot be done."""

    def picture(self, note: str, paint: int | None) -> Frame:
        """What the stage shows now. note: the sentence under it. paint: the class that a stroke adds points of."""
