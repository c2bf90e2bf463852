"""Reads the matrices of numbers in a MATLAB file of version 5 to 7, and nothing else in it.

Why not scipy's reader: it is written in C and trusts the file, and a single flipped byte can end the whole process, on
a class's server for everyone. A matrix of numbers needs little of the format: a list of elements, each a tag (type,
length) and its bytes, perhaps compressed; a matrix element holds four more: flags, dimensions, name, numbers.

Source: MathWorks, "MAT-File Format", chapter 1 (Level 5 MAT-files).
"""

import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

MAX_UNPACKED = 200_000_000  # bytes; a small compressed file can unpack to more than any memory holds
HEADER_BYTES = 128
MATRIX, COMPRESSED = 14, 15  # types of an element
STORED = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
KINDS = {1: "cell array", 2: "structure", 3: "object", 4: "text", 5: "sparse matrix", 16: "function", 17: "object"}
NUMBERS = range(6, 16)  # double, single, and the eight kinds of whole numbers; logical is one of them with a flag
OPAQUE = 17  # an object whose layout is nobody's business
COMPLEX = 0x0800


class FormatError(ValueError):
    """Bytes that are not a MATLAB file of version 5 to 7, or a damaged one."""


class UnpackError(ValueError):
    """A file that unpacks to more than MAX_UNPACKED bytes."""


@dataclass(frozen=True, eq=False)
class Variable:
    """One variable: `shape`, what it is (`kind`), and, for real numbers, where they stand in the file."""

    kind: str
    shape: tuple[int, ...]
    stored: str = ""
    raw: bytes = b""

    def numbers(self) -> np.ndarray:
        """The numbers as float64, in the variable's shape (MATLAB stores column after column)."""
        values = np.frombuffer(self.raw, dtype=self.stored)
        if len(values) != math.prod(self.shape):
            raise FormatError("more or fewer numbers than the dimensions say")
        return values.astype(np.float64).reshape(self.shape, order="F")


def variables(raw: bytes) -> dict[str, Variable]:
    """The variables of a file by name. Raises FormatError or UnpackError."""
    if not raw.startswith(b"MATLAB 5.0 MAT-file") or len(raw) < HEADER_BYTES or raw[126:128] not in (b"IM", b"MI"):
        raise FormatError("no MATLAB header")
    order = "<" if raw[126:128] == b"IM" else ">"
    found, unpacked = {}, 0
    for kind, body in elements(raw[HEADER_BYTES:], order):
        if kind == COMPRESSED:
            plain = unpack(body, MAX_UNPACKED - unpacked)
            unpacked += len(plain)
            kind, body = next(elements(plain, order), (0, b""))
        if kind != MATRIX:
            raise FormatError("an element that is no matrix")
        name, variable = matrix(body, order)
        found[name] = variable
    return found


def unpack(packed: bytes, most: int) -> bytes:
    """The plain bytes of a compressed element, `most` of them at most."""
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(packed, most + 1)
    except zlib.error as error:
        raise FormatError("damaged compressed data") from error
    if len(plain) > most:
        raise UnpackError
    if not inflater.eof:
        raise FormatError("compressed data that breaks off")
    return plain


def elements(raw: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Type and bytes of each element in turn."""
    start = 0
    while start + 8 <= len(raw):
        kind, length = struct.unpack_from(order + "II", raw, start)
        if kind >> 16:  # a small element: its length shares the first word with its type, its bytes are the second
            kind, length = kind & 0xFFFF, kind >> 16
            if length > 4:
                raise FormatError("a small element that is not small")
            body, start = raw[start + 4 : start + 4 + length], start + 8
        else:
            body, start = raw[start + 8 : start + 8 + length], start + 8 + length
            if kind != COMPRESSED:
                start += -length % 8  # padded to whole words of 8 bytes
        if len(body) != length:
            raise FormatError("an element that breaks off")
        yield kind, body


def matrix(body: bytes, order: str) -> tuple[str, Variable]:
    """Name and contents of a matrix element."""
    parts = elements(body, order)
    flags_kind, flags = next(parts, (0, b""))
    if flags_kind != 6 or len(flags) != 8:
        raise FormatError("no array flags")
    (flag,) = struct.unpack_from(order + "I", flags)
    kind = flag & 0xFF
    if kind == OPAQUE:
        return "", Variable(KINDS[kind], ())
    shape_kind, shape_bytes = next(parts, (0, b""))
    name_kind, name = next(parts, (0, b""))
    if shape_kind != 5 or len(shape_bytes) % 4 or name_kind != 1 or (kind not in KINDS and kind not in NUMBERS):
        raise FormatError("no dimensions, no name or an unknown kind")
    shape = struct.unpack(f"{order}{len(shape_bytes) // 4}i", shape_bytes)
    if len(shape) < 2 or min(shape) < 0:
        raise FormatError("impossible dimensions")
    text = name.decode("latin-1")
    if kind in KINDS:
        return text, Variable(KINDS[kind], shape)
    if flag & COMPLEX:
        return text, Variable("matrix of complex numbers", shape)
    stored, numbers = next(parts, (0, b""))
    if stored not in STORED or len(numbers) % int(STORED[stored][1]):
        raise FormatError("no numbers")
    return text, Variable("numbers", shape, order + STORED[stored], numbers)
