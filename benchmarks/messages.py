"""What the benchmarks read of the app's messages: Streamlit's, and the frames of the stage's wire.

Streamlit sends protocol buffers (ForwardMsg) over a WebSocket; the stage's first frame is the `bytes` of a component's
element. docs/frame.md describes frames, whole ones and those over the wire.
"""

import json
import zlib

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


def parse(payload: bytes) -> ForwardMsg:
    """A message of the server."""
    message = ForwardMsg()
    message.ParseFromString(payload)
    return message


def stage_in(message: ForwardMsg):
    """The stage's component in a message, or None."""
    if message.WhichOneof("type") != "delta" or message.delta.WhichOneof("type") != "new_element":
        return None
    element = message.delta.new_element
    if element.WhichOneof("type") != "bidi_component":
        return None
    component = element.bidi_component
    return component if component.WhichOneof("data") == "bytes" else None


def header_of(frame: bytes) -> dict:
    """The header of a whole frame."""
    length = int.from_bytes(frame[:4], "little")
    return json.loads(frame[4 : 4 + length])


def change_in(payload: bytes) -> dict:
    """What a frame over the wire changes of the header."""
    return header_of(zlib.decompress(payload, -zlib.MAX_WBITS))


def merged(header: dict, change: dict) -> dict:
    """The header after a frame over the wire."""
    gone, _ = change.get("gone", ((), ()))
    return {key: value for key, value in {**header, **change}.items() if key not in gone and key != "gone"}
