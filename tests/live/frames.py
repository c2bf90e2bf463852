"""Unpacks a frame as docs/frame.md describes it: a second reader, written from the document alone."""

import json
import math

import numpy as np

DTYPES = {"u8": "<u1", "u16": "<u2", "f32": "<f4"}


def unpack(frame: bytes) -> tuple[dict, dict[str, np.ndarray]]:
    """Header and arrays of a frame; fails where the layout is not what the document says."""
    length = int.from_bytes(frame[:4], "little")
    assert (length + 4) % 8 == 0
    header = json.loads(frame[4 : 4 + length], parse_constant=_not_json)
    arrays, end = {}, 4 + length
    for name, (dtype, shape, offset) in header["arrays"].items():
        assert offset % 8 == 0
        assert offset == end
        count = math.prod(shape)
        arrays[name] = np.frombuffer(frame, DTYPES[dtype], count, offset).reshape(shape)
        end = offset + -(-arrays[name].nbytes // 8) * 8
    assert end == len(frame)
    return header, arrays


def _not_json(constant):
    raise AssertionError(f"{constant} is no JSON")
