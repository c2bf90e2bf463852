"""A student's browser at the level of its two WebSockets: opens a page, clicks, and asks for pictures.

It sends what the browser sends. A click on Play is a press over the stage's wire, as stage/base/wire.js tells it,
and the button's trigger value over Streamlit's socket, which runs the transport's fragment. The values of the other
widgets, which do not change here, and the list of cached messages are left out.
"""

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from benchmarks.messages import change_in, header_of, merged, parse, stage_in

PAINT = 0.008  # seconds that a browser takes to paint a picture
CLICK_TIMEOUT = 10.0  # seconds; a click that is not answered by then counts as that slow
PRESSED = {"transport": 2.0, "page": 0.3}  # seconds after a press in which the page is not told that it is due


@dataclass
class Tally:
    """What one session has seen since the counting began."""

    frames: int = 0  # pictures that came while it played
    steps: int = 0  # training steps between them
    played: float = 0.0  # seconds for which it played
    frame_bytes: int = 0
    clicks: list[float] = field(default_factory=list)  # seconds from each click to the picture that shows it
    unanswered: int = 0


class Client:
    """One session on one page; `await client.open()` first."""

    def __init__(self, url: str, page: str, query: str = ""):
        self.url, self.page = url, page
        self.tally = Tally()
        self.exceptions: list[str] = []
        self.header: dict = {}  # of the newest picture
        self._buttons: dict[str, tuple[str, str]] = {}  # the user's key -> the widget's id and its fragment
        self._query, self._page_hash, self._stage, self._token = query, "", "", ""
        self._wire: Wire | None = None
        self._seen = self._pressed = 0.0
        self._told = None
        self._changed = asyncio.Event()

    async def open(self) -> float:
        """Connect, open the page and wait until its stage has its wire; returns the seconds that this took."""
        start = time.perf_counter()
        self._socket = await connect(self._address("_stcore/stream"), subprotocols=["streamlit"], max_size=None)
        self._reader = asyncio.create_task(self._read())
        await self.visit(self.page, self._query)
        return time.perf_counter() - start

    async def visit(self, page: str, query: str = "") -> None:
        """Go to a page, and wait until its stage has its wire."""
        await self._leave()
        self.page, self._query, self._page_hash, self.header, self._buttons = page, query, "", {}, {}
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.query_string = query
        await self._send(message)
        await self._until(lambda: self.header and self._wire and self._wire.frames, 60)

    async def close(self) -> None:
        """Close the tab."""
        await self._leave()
        self._reader.cancel()
        await self._socket.close()

    async def click(self, button: str, state: str) -> None:
        """Click a button, and note how long it takes until a picture shows the state."""
        start = self._pressed = time.perf_counter()
        await self._wire.request({"kind": "press", "button": button})
        message = self._rerun()
        id, fragment = self._buttons[button if button in self._buttons else {"play": "pause", "pause": "play"}[button]]
        message.rerun_script.widget_states.widgets.add(id=id, trigger_value=True)
        message.rerun_script.fragment_id = fragment
        await self._send(message)
        answered = await self._until(lambda: self.header["state"] == state, CLICK_TIMEOUT)
        self.tally.clicks.append(time.perf_counter() - start)
        self.tally.unanswered += not answered

    async def act(self, deed: dict) -> None:
        """Do something on the stage (docs/frame.md)."""
        await self._wire.request(deed)

    def count_anew(self) -> None:
        """Forget what has been counted so far."""
        self.tally, self._seen = Tally(), time.perf_counter()

    # --- what the browser does --------------------------------------------------------------------------------------

    def _address(self, path: str) -> str:
        return self.url.replace("http", "ws", 1) + "/" + path

    async def _leave(self):
        wire, self._wire, self._token = self._wire, None, ""
        if wire:
            await wire.close()

    async def _read(self):
        try:
            async for payload in self._socket:
                await self._take(parse(payload))
        except ConnectionClosed as error:
            self.exceptions.append(f"The connection was closed: {error}")

    async def _take(self, message):
        kind = message.WhichOneof("type")
        if kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            if element.WhichOneof("type") == "button":
                id = element.button.id
                self._buttons[id.rsplit("-", 1)[-1]] = id, message.delta.fragment_id
            elif element.WhichOneof("type") == "exception":
                self.exceptions.append(f"{element.exception.type}: {element.exception.message}")
            elif component := stage_in(message):
                self._stage = component.id
                header = header_of(component.bytes)
                if header["token"] != self._token:
                    await self._leave()
                    self._token, self.header, self._seen = header["token"], header, time.perf_counter()
                    address, origin = self._address(f"live/{self._token}"), self.url
                    self._wire = await Wire.open(address, origin, self._painted, self.exceptions)

    def _painted(self, change: dict, size: int):
        """A picture has come over the wire."""
        now, before, header = time.perf_counter(), self.header, merged(self.header, change)
        if before["playing"]:
            self.tally.played += now - self._seen
            self.tally.frames += 1
            self.tally.frame_bytes += size
            self.tally.steps += max(0, header["step"] - before["step"])
        self.header, self._seen = header, now
        due = header["due"]
        if due and header["news"] != self._told and now > self._pressed + PRESSED[due]:
            self._told = header["news"]
            self._telling = asyncio.create_task(self._tell(self._told))
        self._changed.set()

    async def _tell(self, news: int):
        """The page is due, says the stage."""
        message = self._rerun()
        told = json.dumps([{"event": "news", "value": news}], separators=(",", ":"))
        trigger = f"$$STREAMLIT_INTERNAL_KEY_{self._stage}__events"
        message.rerun_script.widget_states.widgets.add(id=trigger, json_trigger_value=told)
        await self._send(message)

    def _rerun(self) -> BackMsg:
        message = BackMsg()
        message.rerun_script.query_string = self._query
        message.rerun_script.page_script_hash = self._page_hash
        return message

    async def _send(self, message: BackMsg):
        message.rerun_script.context_info.url = f"{self.url}/{self.page}"
        message.rerun_script.context_info.timezone = "UTC"
        message.rerun_script.context_info.locale = "en-US"
        try:
            await self._socket.send(message.SerializeToString())
        except ConnectionClosed as error:
            self.exceptions.append(f"The connection was closed: {error}")

    async def _until(self, condition, seconds) -> bool:
        """Wait until a picture makes the condition true; False after so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True


class Wire:
    """The stage's socket, in the rhythm of wire.js. took: called with what a frame changes, and its size in bytes."""

    @classmethod
    async def open(cls, address: str, origin: str, took, exceptions: list[str]) -> "Wire":
        """Connect, and ask for the first frame."""
        wire = cls()
        wire._took, wire._exceptions = took, exceptions
        wire.frames = wire._number = wire._deeds = wire._outstanding = 0
        wire._playing, wire._allowed, wire._is_painted = False, 1, True
        wire._socket = await connect(address, origin=origin, max_size=None)
        wire._reader = asyncio.create_task(wire._read())
        await wire.request()
        return wire

    async def close(self) -> None:
        """Close the socket."""
        self._reader.cancel()
        await self._socket.close()

    async def request(self, *deeds: dict) -> None:
        """Ask for a frame, and tell deeds."""
        numbered = []
        for deed in deeds:
            self._deeds += 1
            numbered.append({**deed, "number": self._deeds})
        self._number += 1
        self._outstanding += 1
        await self._socket.send(json.dumps({"stage": "benchmark", "number": self._number, "deeds": numbered}))

    async def _read(self):
        try:
            async for payload in self._socket:
                if isinstance(payload, str):
                    await self.request()
                    continue
                change = change_in(payload)
                self.frames += 1
                self._outstanding -= 1
                self._playing = change.get("playing", self._playing)
                self._allowed = 1 + change.get("ahead", self._allowed - 1)
                keeps_up, self._is_painted = self._is_painted, False
                self._took(change, len(payload))
                asyncio.get_running_loop().call_later(PAINT, self._paint)
                if keeps_up:
                    await self._next()
        except ConnectionClosed as error:
            self._exceptions.append(f"The wire was closed: {error}")

    def _paint(self):
        self._is_painted = True
        self._asking = asyncio.create_task(self._next())

    async def _next(self):
        if self._playing and self._outstanding < self._allowed:
            with contextlib.suppress(ConnectionClosed):  # the reader says so
                await self.request()
