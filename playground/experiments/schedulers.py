"""Whether a scheduler of Dask or Ray answers at an address, asked before a sweep is handed to it.

A port may be open and belong to something else. Dask's and Ray's own clients then try for minutes, and Ray's ends the
process; here each is asked one short question of its protocol, and given so many seconds to answer it.
"""

import asyncio
import os
import socket

# What a client of HTTP/2 begins with: the preface and an empty frame of settings (RFC 9113, section 3.4).
HTTP2_HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
FRAME_TYPE, SETTINGS = 3, 4  # where a frame's type stands in its header of nine bytes, and that of a server's first


def dask_answers(address: str, seconds: float) -> bool:
    """Whether a Dask scheduler says that it is one."""
    from distributed import Security, rpc

    async def ask():
        async with rpc(address, connection_args=Security().get_connection_args("client")) as scheduler:
            return await scheduler.identity()

    try:
        identity = asyncio.run(asyncio.wait_for(ask(), seconds))
        return identity.get("type") == "Scheduler"
    except Exception:  # whatever a stranger's bytes come to in there: it is no scheduler
        return False


def ray_answers(address: str, seconds: float) -> bool:
    """Whether a server of gRPC, which Ray's are, answers at `host:port` or `ray://host:port`.

    Any other address, such as "auto", and one that is spoken to in TLS, are Ray's own to look for: True.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not (port.isascii() and port.isdigit()) or os.environ.get("RAY_USE_TLS") == "1":
        return True
    try:
        with socket.create_connection((host.strip("[]"), int(port)), seconds) as connection:
            connection.sendall(HTTP2_HELLO)
            with connection.makefile("rb") as answer:
                header = answer.read(9)
    except (OSError, ValueError, OverflowError):
        return False
    return len(header) == 9 and header[FRAME_TYPE] == SETTINGS
