"""The stage of a page: the script mounts it, and from then on it asks for its pictures over a wire of its own."""

import functools

from playground.ui import session
from playground.ui.own import paint_points
from playground.ui.stage import stage


def live(note: str = "", paint: int | None = None) -> None:
    """The stage of the page that is open. note: the sentence under it. paint: the class that a stroke adds points of.

    The script runs again when a control is used, or when the stage says that the page is to be drawn anew.
    """
    channel, memory = session.channel(), session.session()
    channel.do = {} if paint is None else {"paint": functools.partial(paint_points, memory, memory.page)}
    stage(channel.show(session.current(), note, paint), f"stage-{memory.page}")
