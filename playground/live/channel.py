"""Channels: a page of a session as its stage sees it. What the stage asks comes in here, and a frame goes out.

The page's script makes the channel, tells it what it shows, and puts its token into the page; whoever holds the token
may drive the run, and nobody else can. Where no stage is connected (before the page has loaded its code, in a test
without a browser) buttons do what they say themselves.
"""

import secrets
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from playground.live.budget import BUDGET, hold_blas
from playground.live.frame import Frame, Sent, pack
from playground.live.messages import Request
from playground.live.protocol import Staged

PAIRED_WITHIN = 10.0  # seconds between the two ways on which one press of a button comes
ONE_PRESS = {"pause": "play"}  # Space is both: the page may know it as the one while the stage knows better
MOST_PROBLEMS = 8  # sentences that wait for the page to show them
STAGES = 8  # whose deeds are remembered: a page that was reloaded so often has no answer to get any more

CHANNELS: "weakref.WeakValueDictionary[str, Channel]" = weakref.WeakValueDictionary()  # by token; sessions hold them


class Connected(Protocol):
    """A socket of a stage."""

    def poke(self) -> None:
        """Tell the stage to ask for a frame: the run is not what it was, and not by the stage's doing."""


class Press(NamedTuple):
    """A press that has come on one of its two ways, at this time."""

    button: str
    way: str
    at: float


class Channel:
    """Between one run and its stage. `answer` is called in the thread of the turns, all else from any thread."""

    def __init__(self, run: Staged, do: Mapping[str, Callable[[dict], None]] = {}):
        """do: deeds that the page itself sees to, by their kind, as painting points into its data does."""
        self.token = secrets.token_urlsafe(24)
        self.run, self.do = run, do
        self.note, self.paint = "", None
        self.connection: Connected | None = None  # the socket of the stage, if one is connected
        self._lock = threading.Lock()  # held for a moment only: the event loop must not wait behind a slice
        self._acted: dict[str, int] = {}  # by stage: the number of its last deed that was done
        self._problems: list[str] = []
        self._shown = self._seen = None  # what the page was drawn from; how that looked at the last frame
        self._shows_pause = False  # whether the page's transport shows that the run plays
        self._was_left = False  # whether the page was left since it was drawn
        self._news = 0  # grows when the page has something to draw anew
        self._presses: dict[str, list[Press]] = {}  # of each button, those whose other way is to come
        CHANNELS[self.token] = self

    # --- the page's side --------------------------------------------------------------------------------------------

    def show(self, run: Staged, note: str = "", paint: int | None = None) -> bytes:
        """The page has been drawn around this run: the frame that its stage starts with.

        A stage that is connected gets its pictures over the wire: it is told that there is news, and here no more. Who
        comes back to a page has another stage, though the socket of the one before may not be closed yet.
        """
        if run is not self.run:
            BUDGET.leave(self.run.session)
        self.run, self.note, self.paint = run, note, paint
        with self._lock:
            self._shown = self._look()
            self._seen = self._shown, run.playing
            self._shows_pause = run.playing
            self._news += 1
            connection, was_left = self.connection, self._was_left
            self._was_left = False
        if connection is not None and not was_left:
            connection.poke()
            return pack({"token": self.token}, {})
        hold_blas()
        frame = self._picture()
        return pack({**frame.header, "token": self.token}, frame.arrays)

    def leave(self) -> None:
        """The page was left."""
        self._was_left = True

    def show_transport(self, playing: bool) -> None:
        """The page's transport alone has been drawn anew."""
        self._shows_pause = playing

    def take_problems(self) -> list[str]:
        """Sentences about what could not be done, for the page to show once."""
        with self._lock:
            problems, self._problems = self._problems, []
        return problems

    def press(self, button: str) -> None:
        """A button of the page was pressed, as its script hears of it. Raises ValueError as the run's method does."""
        if self._is_due(button, "page"):
            self._push(button)
            if (connection := self.connection) is not None:
                connection.poke()

    def _is_due(self, button: str, way: str) -> bool:
        """Whether this press is to be done. The browser tells the wire and the page of each: what comes first is done.

        They differ where Space was pressed before the page had drawn Pause in place of Play: then the wire is right.
        """
        now, group = time.monotonic(), ONE_PRESS.get(button, button)
        with self._lock:
            waiting = [one for one in self._presses.get(group, []) if now - one.at < PAIRED_WITHIN]
            other = next((one for one in waiting if one.way != way), None)
            if other:
                waiting.remove(other)
            elif way == "wire" or self.connection is not None:  # without a wire there is no other way
                waiting.append(Press(button, way, now))
            self._presses[group] = waiting
        return other is None or (way == "wire" and other.button != button)

    def _push(self, button: str) -> None:
        getattr(self.run, self.run.buttons[button])()
        if not self.run.playing:
            BUDGET.leave(self.run.session)

    # --- the stage's side -------------------------------------------------------------------------------------------

    def connect(self, connection: Connected) -> Connected | None:
        """A socket is the stage's from now on; returns the one that was."""
        with self._lock:
            before, self.connection = self.connection, connection
        return before

    def disconnect(self, connection: Connected) -> None:
        """A socket was closed: nobody asks, nothing trains."""
        with self._lock:
            if self.connection is not connection:
                return
            self.connection = None
        BUDGET.leave(self.run.session)

    def answer(self, request: Request, sent: Sent) -> bytes:
        """Do what the request tells, train a slice if the run plays, and return the next frame for its socket."""
        deeds = self._new(request)
        for deed in deeds:
            self._do(deed)
        run = self.run
        if run.playing and not deeds:  # what a person did is answered at once
            seconds = BUDGET.slice_for(run.session)
            run.train(seconds * run.haste if BUDGET.playing() <= 1 else seconds)
        if not run.playing:
            BUDGET.leave(run.session)
        frame = self._picture()
        header = {**frame.header, "answers": request.number, "acted": self._acted.get(request.stage, 0)}
        return sent.pack(Frame(header, frame.arrays))

    def _new(self, request: Request) -> list[dict]:
        """The deeds of a request that have not been done: after a lost connection a stage tells them again."""
        last, fresh = self._acted.pop(request.stage, 0), []
        for deed in request.deeds:
            if deed["number"] > last:
                last = deed["number"]
                fresh.append(deed)
        self._acted[request.stage] = last
        while len(self._acted) > STAGES:
            del self._acted[next(iter(self._acted))]
        return fresh

    def _do(self, deed: dict) -> None:
        try:
            match deed:
                case {"kind": "press", "button": str(button)}:
                    if button not in self.run.buttons:
                        raise ValueError("The page has no such button any more; reload the page.")
                    if self._is_due(button, "wire"):
                        self._push(button)
                case {"kind": str(kind)} if kind in self.do:
                    self.do[kind](deed)
                case _:
                    self.run.act(deed)
        except ValueError as error:  # SpecError and DataError are ValueErrors: each is one sentence
            with self._lock:
                self._problems = [*self._problems, str(error)][-MOST_PROBLEMS:]

    def _picture(self) -> Frame:
        frame = self.run.picture(self.note, self.paint)
        with self._lock:
            look, plays = self._look(), frame.header["playing"]
            if (look, plays) != self._seen:
                self._seen = look, plays
                self._news += 1
            due = "page" if look != self._shown else "transport" if plays != self._shows_pause else ""
            page = {"news": self._news, "due": due, "ahead": BUDGET.ahead()}
        return Frame({**frame.header, **page, "buttons": list(self.run.buttons)}, frame.arrays)

    def _look(self) -> tuple:
        return self.run.look_of_page, tuple(self._problems)
