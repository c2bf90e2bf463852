"""The wire: a WebSocket of the stage's own, over which it asks for frames and gets them. docs/frame.md describes it.

The event loop only carries. Each request becomes a job in `TURNS`, whose one thread trains and paints, and its frame
goes out in the order in which it was made. A foreign origin is refused; an unknown token, a malformed message, too
many or too large ones close the socket, and harm nobody.
"""

import asyncio
import functools
import logging
import time
from urllib.parse import urlsplit

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from playground.live.channel import CHANNELS, Channel
from playground.live.frame import Sent
from playground.live.messages import Malformed, read_request
from playground.live.turns import TURNS

GONE = 4404  # close codes: the run is not here (any more),
TAKEN = 4409  # another socket has taken it over,
REFUSED = 4400  # what was said is no message of ours, or there was too much of it,
FAULT = 4500  # or the server could not answer; its log says why
NEWS = "news"  # what the stage is told where it should ask for a frame
MOST_AT_ONCE = 16  # requests that are not answered yet; a stage has two, and one more for each deed
MOST_A_SECOND = 250  # messages; a stage sends 60 and one for each deed

log = logging.getLogger(__name__)


async def live(websocket: WebSocket) -> None:
    """Serve one stage."""
    if not is_same_host(websocket.headers.get("origin"), websocket.headers.get("host")):
        await websocket.close(REFUSED)  # before it is accepted: the browser gets a 403
        return
    await websocket.accept()
    channel = CHANNELS.get(websocket.path_params["token"])
    if channel is None:
        await websocket.close(GONE)
        return
    connection = Connection(websocket, channel)
    before = channel.connect(connection)
    if isinstance(before, Connection):
        before.end(TAKEN)
    try:
        await connection.serve()
    finally:
        channel.disconnect(connection)


def is_same_host(origin: str | None, host: str | None) -> bool:
    """Whether a page of the server's own host opens the socket."""
    try:
        return bool(origin and host) and urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False


class Connection:
    """One socket of one stage, and what it has been sent."""

    def __init__(self, websocket: WebSocket, channel: Channel):
        self._websocket, self._channel = websocket, channel
        self._loop = asyncio.get_running_loop()
        self._out: asyncio.Queue[bytes | str | int] = asyncio.Queue()  # frames, news, the code that closes the socket
        self._sent = Sent()
        self._waiting = 0
        self._closed = False

    async def serve(self) -> None:
        """Carry, until either side closes."""
        reading = asyncio.create_task(self._read())
        try:
            while not isinstance(said := await self._out.get(), int):
                if isinstance(said, bytes):
                    await self._websocket.send_bytes(said)
                    self._waiting -= 1  # only now: who asks and does not read is not worked for without end
                else:
                    await self._websocket.send_text(said)
            if said:
                await self._websocket.close(said)
        except (WebSocketDisconnect, RuntimeError):  # the browser was gone before
            pass
        finally:
            self._closed = True
            reading.cancel()

    def poke(self) -> None:
        """Tell the stage to ask for a frame; from any thread."""
        self._loop.call_soon_threadsafe(self._out.put_nowait, NEWS)

    def end(self, code: int) -> None:
        """Close the socket; 0: it is closed already."""
        self._closed = True
        self._out.put_nowait(code)

    async def _read(self) -> None:
        second, count = 0, 0
        try:
            while True:
                message = await self._websocket.receive()
                if message["type"] != "websocket.receive":
                    return self.end(0)
                if (now := int(time.monotonic())) != second:
                    second, count = now, 0
                count += 1
                text = message.get("text")
                if text is None or count > MOST_A_SECOND or self._waiting >= MOST_AT_ONCE:
                    return self.end(REFUSED)
                request = read_request(text)
                self._waiting += 1
                job = functools.partial(self._answer, request)
                TURNS.submit(self._channel.token, job, urgent=bool(request.deeds))
        except Malformed:
            return self.end(REFUSED)

    def _answer(self, request) -> None:
        """In the thread of the turns: make a frame and hand it to the event loop."""
        if self._closed:
            return
        try:
            frame: bytes | int = self._channel.answer(request, self._sent)
        except Exception:  # a fault of ours: the stage must hear of it, and everybody else be served
            log.exception("a request of a stage")
            frame = FAULT
        self._loop.call_soon_threadsafe(self._out.put_nowait, frame)


# The prefix is whatever the app is served under: a base path, or another app that it is mounted in.
ROUTES = [WebSocketRoute("/{base:path}live/{token}", live)]
