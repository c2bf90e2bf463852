"""Frames: what a stage shows, as a header and arrays, and how they become bytes. docs/frame.md describes the layout.

A whole frame says everything. Over the wire goes what has changed since the frame before on the same socket (`Sent`),
deflated: points, titles and thumbnails of features stay, so a moving picture is a fifth of a whole one.
"""

import json
import zlib
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

KINDS = {np.dtype("<u1"): "u8", np.dtype("<u2"): "u16", np.dtype("<f4"): "f32", np.dtype("<f8"): "f64"}
QUICK = 1  # zlib's level: .2 ms for a moving frame of the first page; higher ones cost more than they save


class Frame(NamedTuple):
    """header: what JSON can hold. arrays: u8, u16, f32 or f64, by name."""

    header: dict
    arrays: dict[str, np.ndarray]


def envelope(run, note: str) -> dict:
    """What every frame of every page says, whatever is on it: a part of the header (docs/frame.md)."""
    run.frame_number += 1
    return {
        "id": run.frame_number,
        "run": run.name,
        "playing": run.playing,
        "state": run.state,
        "note": note,
        "projector": run.projector,
    }


def pack(header: Mapping, arrays: Mapping[str, np.ndarray]) -> bytes:
    """A whole frame as bytes."""
    return _packed(header, {name: _Blob.of(array) for name, array in arrays.items()})


class Sent:
    """What the browser at the other end of one socket has been sent: each frame says only what is different.

    A text that stands in the header again and again, or an array whose bytes are the same, is left out.
    """

    def __init__(self):
        self._header: dict = {}
        self._blobs: dict[str, _Blob] = {}

    def pack(self, frame: Frame) -> bytes:
        """The frame as what has changed, deflated. Frames have to be sent in the order in which they were packed."""
        header, blobs = frame.header, {name: _Blob.of(array) for name, array in frame.arrays.items()}
        changed = {key: value for key, value in header.items() if key not in self._header or self._header[key] != value}
        gone = [key for key in self._header if key not in header], [name for name in self._blobs if name not in blobs]
        moved = {name: blob for name, blob in blobs.items() if self._blobs.get(name) != blob}
        self._header, self._blobs = dict(header), blobs
        if any(gone):
            changed["gone"] = gone
        squeeze = zlib.compressobj(QUICK, zlib.DEFLATED, -zlib.MAX_WBITS)
        return squeeze.compress(_packed(changed, moved)) + squeeze.flush()


class _Blob(NamedTuple):
    kind: str
    shape: tuple[int, ...]
    data: bytes

    @classmethod
    def of(cls, array: np.ndarray) -> "_Blob":
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        return cls(KINDS[array.dtype], array.shape, array.tobytes())


def _packed(header: Mapping, blobs: Mapping[str, _Blob]) -> bytes:
    table, parts, offset = {}, [], 0
    for name, (kind, shape, data) in blobs.items():
        table[name] = [kind, shape, offset]
        parts.append(data + bytes(-len(data) % 8))
        offset += len(parts[-1])
    length = 0  # of the header, which holds offsets that count from before it: grown until it fits itself
    while True:
        placed = {name: [kind, shape, at + 4 + length] for name, (kind, shape, at) in table.items()}
        text = json.dumps({**header, "arrays": placed}, allow_nan=False, separators=(",", ":")).encode()
        padded = len(text) + (-(len(text) + 4) % 8)
        if padded <= length:
            return length.to_bytes(4, "little") + text.ljust(length) + b"".join(parts)
        length = padded
