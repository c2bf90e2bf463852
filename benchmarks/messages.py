"""What the benchmarks read of Streamlit's messages: the stage's frames.

Streamlit sends protocol buffers (ForwardMsg) over a WebSocket; a frame of the stage is the `bytes` of a component's
element. docs/frame.md describes the frame itself.
"""

import json

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
    """The header of a frame."""
    length = int.from_bytes(frame[:4], "little")
    return json.loads(frame[4 : 4 + length])
