"""Small messages leave at once, also from a listening socket that does not name TCP, as Streamlit's."""

import asyncio
import socket

import pytest

from playground.live.undelayed import send_at_once, undelay


async def delays(listening: socket.socket) -> list[bool]:
    """Whether Nagle's algorithm is on, at the server's end of a connection and at the client's."""
    accepted = asyncio.get_running_loop().create_future()
    server = await asyncio.start_server(lambda _, writer: accepted.set_result(writer), sock=listening)
    async with server:
        _, client = await asyncio.open_connection(*listening.getsockname())
        found = [await accepted, client]
        on = [one.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 0 for one in found]
        for one in found:
            one.close()
            await one.wait_closed()
    return on


@pytest.mark.parametrize("protocol", [0, socket.IPPROTO_TCP])
def test_every_connection_sends_at_once(protocol, monkeypatch):
    monkeypatch.setattr(asyncio.base_events, "_set_nodelay", asyncio.base_events._set_nodelay)  # put back afterwards
    undelay()
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
    listening.bind(("127.0.0.1", 0))
    assert asyncio.run(delays(listening)) == [False, False]


def test_what_is_no_connection_of_tcp_is_left_alone():
    for family, kind in ((socket.AF_UNIX, socket.SOCK_STREAM), (socket.AF_INET, socket.SOCK_DGRAM)):
        with socket.socket(family, kind) as other:
            send_at_once(other)
