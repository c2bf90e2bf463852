"""A student's browser at the level of Streamlit's WebSocket protocol: opens a page, clicks, and asks for pictures.

It sends what the browser sends: a click is a button's trigger value; the stage asks for pictures through the
component's trigger, which reruns the page's fragment, in the rhythm of static/stage/pace.js. The values of the other
widgets, which do not change here, and the list of cached messages are left out.
"""

import asyncio
import json
import time
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from benchmarks.messages import header_of, parse, stage_in

PAINT = 0.008  # seconds that a browser takes to paint a picture
WATCHDOG = 2.0  # seconds without a picture, after which the stage asks again
CLICK_TIMEOUT = 10.0  # seconds; a click that is not answered by then counts as that slow


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
        self._buttons: dict[str, str] = {}  # the user's key -> the widget's id
        self._query, self._page_hash, self._fragment, self._stage = query, "", "", ""
        self._last_request = self._seen = 0.0
        self._sent = 0  # number of the newest request
        self._timer: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()

    async def open(self) -> float:
        """Connect, open the page and wait for its first picture; returns the seconds that this took."""
        start = time.perf_counter()
        address = self.url.replace("http", "ws", 1) + "/_stcore/stream"
        self._socket = await connect(address, subprotocols=["streamlit"], max_size=None)
        self._reader = asyncio.create_task(self._read())
        message = BackMsg()
        message.rerun_script.page_name = self.page
        message.rerun_script.query_string = self._query
        await self._send(message)
        await self._until(lambda: self.header and "play" in self._buttons, 60)
        return time.perf_counter() - start

    async def close(self) -> None:
        """Close the tab."""
        self._stop_timer()
        self._reader.cancel()
        await self._socket.close()

    async def click(self, button: str, state: str) -> None:
        """Click a button, and note how long it takes until a picture shows the state."""
        start = time.perf_counter()
        message = self._rerun()
        message.rerun_script.widget_states.widgets.add(id=self._buttons[button], trigger_value=True)
        await self._send(message)
        answered = await self._until(lambda: self.header["state"] == state, CLICK_TIMEOUT)
        self.tally.clicks.append(time.perf_counter() - start)
        self.tally.unanswered += not answered

    def count_anew(self) -> None:
        """Forget what has been counted so far."""
        self.tally, self._seen = Tally(), time.perf_counter()

    # --- what the browser does --------------------------------------------------------------------------------------

    async def _read(self):
        try:
            async for payload in self._socket:
                self._take(parse(payload))
        except ConnectionClosed as error:
            self.exceptions.append(f"The connection was closed: {error}")

    def _take(self, message):
        kind = message.WhichOneof("type")
        if kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            if element.WhichOneof("type") == "button":
                self._buttons[element.button.id.rsplit("-", 1)[-1]] = element.button.id
            elif element.WhichOneof("type") == "exception":
                self.exceptions.append(f"{element.exception.type}: {element.exception.message}")
            elif component := stage_in(message):
                self._fragment, self._stage = message.delta.fragment_id, component.id
                self._painted(component.bytes)

    def _painted(self, frame: bytes):
        now, before, header = time.perf_counter(), self.header, header_of(frame)
        if before and before["playing"]:
            self.tally.played += now - self._seen
            if header["id"] != before["id"]:
                self.tally.frames += 1
                self.tally.frame_bytes += len(frame)
                self.tally.steps += max(0, header["step"] - before["step"])
        self.header, self._seen = header, now
        self._changed.set()
        if header["playing"]:
            self._sent = max(self._sent, header["asked"])
            self._plan(PAINT)
        else:
            self._stop_timer()

    def _plan(self, least=0.0):
        """Set the timer for the next request, or for the watchdog where the server still owes an answer."""
        self._stop_timer()
        due = self._sent < self.header["asked"] + 1 + self.header["ahead"]
        wait = self.header["pace_ms"] / 1000 if due else WATCHDOG
        delay = max(least, self._last_request + wait - time.perf_counter())
        self._timer = asyncio.get_running_loop().call_later(delay, self._ask)

    def _ask(self):
        self._last_request = time.perf_counter()
        message = self._rerun()
        message.rerun_script.fragment_id = self._fragment
        self._sent += 1
        asked = json.dumps([{"event": "next", "value": self._sent}], separators=(",", ":"))
        trigger = f"$$STREAMLIT_INTERNAL_KEY_{self._stage}__events"
        message.rerun_script.widget_states.widgets.add(id=trigger, json_trigger_value=asked)
        self._sending = asyncio.create_task(self._send(message))
        self._plan()

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

    def _stop_timer(self):
        if self._timer:
            self._timer.cancel()
            self._timer = None
