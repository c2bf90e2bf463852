"""Arrays in .npz files, read without trust.

An .npz file is a zip archive of .npy files. NumPy's own reader believes what such a file says of itself: a few bytes
may ask for gigabytes, and only a flag keeps it from running pickled code. This reader looks at every size before it
makes room for it, knows plain numbers alone, and says what is wrong in one sentence.
"""

import ast
import math
import os
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np

MOST_BYTES = 2**30  # of all arrays together
MOST_MEMBERS = 10_000
LONGEST_HEADER = 10_000  # characters that describe one array
MOST_AXES = 8
SQUEEZED = 200  # times that a member may be larger than its compressed form, once it is larger than SMALL
SMALL = 2**20
DTYPES = {"f2", "f4", "f8", "i4", "i8", "u1"}
BFLOAT16 = "V2"  # NumPy has no name for bfloat16: what libraries save as such stands in an .npy as two bytes of no kind
EARLIEST = (1980, 1, 1, 0, 0, 0)  # the same arrays make the same file, whenever they are written
# What Python's zip reader raises on damaged archives, one way or another.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError, struct.error, ValueError)


class FileError(ValueError):
    """A file that cannot be used; its text is one sentence that says why, and what to do."""


def write_npz(file: str | os.PathLike | BinaryIO, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays by name; a path is written whole or not at all (see write_whole)."""
    if isinstance(file, (str, os.PathLike)):
        write_whole(file, lambda stream: _write(stream, arrays))
    else:
        _write(file, arrays)


def write_whole(path: str | os.PathLike, write: Callable[[BinaryIO], None]) -> None:
    """Have `write` fill a new file, and put it in the place of `path` when it is done: the old one stays until then.

    Raises FileError where it cannot be written.
    """
    path = Path(path)
    try:
        handle, temporary = tempfile.mkstemp(prefix=path.name, suffix=".part", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                write(stream)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise FileError(f"{path.name} cannot be written ({error.strerror}); choose another folder.") from error


def read_npz(file: str | os.PathLike | BinaryIO, what: str = "file") -> dict[str, np.ndarray]:
    """All arrays by name, in the byte order of this machine. what: names the file in errors.

    Half precision stays float16, bfloat16 becomes float32. Raises FileError for whatever is not an .npz file of float,
    integer and byte arrays of sensible size.
    """
    if not isinstance(file, (str, os.PathLike)):
        return _read(file, what)
    what = f"{what} {Path(file).name}"
    try:
        with open(file, "rb") as stream:
            return _read(stream, what)
    except FileNotFoundError:
        raise FileError(f"The {what} is not there; check its name and folder.") from None
    except (IsADirectoryError, PermissionError) as error:
        raise FileError(f"The {what} cannot be opened ({error.strerror}); choose a file that you may read.") from None
    except OSError as error:
        raise FileError(f"The {what} cannot be read ({error.strerror}); try again, or choose another.") from error


def _write(stream, arrays: Mapping[str, np.ndarray]) -> None:
    with zipfile.ZipFile(stream, "w") as archive:
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy", EARLIEST), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array, order="C"), version=(1, 0), allow_pickle=False)


def _read(stream, what):
    try:
        archive = zipfile.ZipFile(stream)
        members = archive.infolist()
    except _BROKEN:
        raise FileError(f"The {what} is no .npz file, or is cut off; choose a file that was saved whole.") from None
    with archive:
        _check_members(members, what)
        return {member.filename.removesuffix(".npy"): _read_member(archive, member, what) for member in members}


def _check_members(members, what) -> None:
    names = [member.filename for member in members]
    if len(names) > MOST_MEMBERS or len(set(names)) < len(names) or not all(name.endswith(".npy") for name in names):
        raise FileError(f"The {what} holds other things than arrays by name; choose a file that was saved here.")
    if any(member.flag_bits & 1 for member in members):
        raise FileError(f"The {what} is locked by a password; save it without one.")
    for member in members:
        if member.file_size > max(SMALL, SQUEEZED * member.compress_size):
            raise FileError(f"The {what} claims to grow more than {SQUEEZED} times when unpacked; it is not used.")
    if sum(member.file_size for member in members) > MOST_BYTES:
        raise FileError(f"The {what} holds more than {MOST_BYTES // 2**20:,} MB of numbers; choose a smaller one.")


def _read_member(archive, member, what):
    try:
        with archive.open(member) as stream:
            data = stream.read(member.file_size + 1)
    except _BROKEN:
        data = b""
    if len(data) != member.file_size or not data:
        raise FileError(f"The {what} is damaged; choose another copy of it.")
    array = _array(data)
    if array is None:
        name = member.filename.removesuffix(".npy")[:40]
        raise FileError(f"The {what} holds {name!r}, which is no array of plain numbers; choose another file.")
    return array


def _array(data):
    """The array of an .npy file; None where it is none, or one that is not known here."""
    wide = len(data) > 6 and data[6] > 1  # since version 2 the header's length has four bytes
    start = 12 if wide else 10
    if data[:6] != b"\x93NUMPY" or data[6] not in (1, 2, 3) or len(data) < start:
        return None
    length = int.from_bytes(data[8:start], "little")
    if length > LONGEST_HEADER or start + length > len(data):
        return None
    try:
        about = ast.literal_eval(data[start : start + length].decode("latin-1").strip())
        order, kind, shape, turned = about["descr"][:1], about["descr"][1:], about["shape"], about["fortran_order"]
    except (ValueError, SyntaxError, TypeError, KeyError, MemoryError, RecursionError):
        return None
    if order not in ("<", ">", "|") or kind not in {*DTYPES, BFLOAT16} or not isinstance(turned, bool):
        return None
    sizes = isinstance(shape, tuple) and len(shape) <= MOST_AXES and all(type(n) is int and n >= 0 for n in shape)
    if not sizes or math.prod(shape) * int(kind[1:]) != len(data) - start - length:
        return None
    order = order.replace("|", "<")
    if kind == BFLOAT16:
        array = from_bfloat16(np.frombuffer(data, f"{order}u2", offset=start + length))
    else:
        array = np.frombuffer(data, order + kind, offset=start + length).astype(kind)
    return array.reshape(shape, order="F" if turned else "C")


def from_bfloat16(words: np.ndarray) -> np.ndarray:
    """bfloat16 numbers, as uint16 words, as float32: a bfloat16 is the first half of a float32."""
    return (words.astype(np.uint32) << 16).view(np.float32)
