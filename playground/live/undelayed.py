"""Small messages leave at once: Nagle's algorithm is switched off for every connection of the server.

That algorithm keeps a small packet back until the one before it is acknowledged, and the other end waits with that for
40 ms and more: a stage that had pressed Pause got its answer so late. asyncio switches it off itself, but overlooks
sockets that were made without naming TCP (`proto` 0), and Streamlit listens on such a one.
"""

import asyncio.base_events
import socket

INTERNET = (socket.AF_INET, socket.AF_INET6)


def send_at_once(sock: socket.socket) -> None:
    """Switch Nagle's algorithm off for a connection, where it is one of TCP."""
    if sock.family in INTERNET and sock.type == socket.SOCK_STREAM:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def undelay() -> None:
    """See to it that every connection from now on sends at once: asyncio asks this of each that it takes up."""
    if hasattr(asyncio.base_events, "_set_nodelay"):
        asyncio.base_events._set_nodelay = send_at_once
