"""Unpacks frames as docs/frame.md describes them: a second reader, written from the document alone."""

import json
import math
import zlib

import numpy as np

DTYPES = {"u8": "<u1", "u16": "<u2", "f32": "<f4", "f64": "<f8"}


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


class Reader:
    """What a stage knows at its end of one socket: each frame says only what is different from the one before."""

    def __init__(self):
        self.header: dict = {}
        self.arrays: dict[str, np.ndarray] = {}

    def take(self, message: bytes) -> tuple[dict, dict[str, np.ndarray]]:
        """The whole header and all arrays, as they are with this frame; fails where it is not as the document says."""
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        frame = inflater.decompress(message)
        assert inflater.eof
        assert inflater.unused_data == b""
        changed, moved = unpack(frame)
        del changed["arrays"]
        keys, names = changed.pop("gone", [[], []])
        assert set(keys) <= set(self.header) - set(changed)
        assert set(names) <= set(self.arrays) - set(moved)
        self.header = {key: value for key, value in (self.header | changed).items() if key not in keys}
        self.arrays = {name: array for name, array in (self.arrays | moved).items() if name not in names}
        return self.header, self.arrays


def _not_json(constant):
    raise AssertionError(f"{constant} is no JSON")
