"""IDX files, in which MNIST and Fashion-MNIST are published: pictures and labels, raw or packed with gzip.

An IDX file of bytes is a magic number (0x0800 and the number of dimensions), the dimensions, each as four bytes, the
highest first, and then the bytes themselves. Nothing in it is trusted: what the header announces must be sensible,
and the file must be exactly as long as that. A raw file is mapped into memory rather than read, so that a large one
costs nothing until its pictures are looked at.

Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", section "File formats".
"""

import gzip
import math
import os
import struct
import zlib
from pathlib import Path

import numpy as np

from nn_core.spec import clip
from playground.datasets.base import DataError, size_text

IMAGES, LABELS = 0x00000803, 0x00000801
CONTENTS = {IMAGES: "pictures", LABELS: "labels"}
GZIP = b"\x1f\x8b"
MAX_COUNT = 1_000_000  # pictures or labels in one file
LEAST_SIDE, MAX_SIDE = 2, 512  # pixels
MAX_UNPACKED = 512_000_000  # bytes that a packed file may hold; a raw one needs no bound, since it is only mapped
BLOCK = 1 << 20  # bytes unpacked at a time


def read_pair(images: Path | str, labels: Path | str) -> tuple[np.ndarray, np.ndarray]:
    """Pictures uint8 (n, height, width, 1) and their labels int64 (n,); raises DataError where n differs."""
    pictures, classes = read_idx_images(images), read_idx_labels(labels)
    if len(pictures) != len(classes):
        raise DataError(
            f"{called(images)} holds {len(pictures):,} pictures but {called(labels)} holds {len(classes):,} labels; "
            "use two files that belong together."
        )
    return pictures, classes


def read_idx_images(path: Path | str) -> np.ndarray:
    """The pictures of a file, uint8 (n, height, width, 1), read-only.

    Raises DataError, in one sentence that names the file, for whatever is wrong with it.
    """
    return read_idx(Path(path), IMAGES)[..., None]


def read_idx_labels(path: Path | str) -> np.ndarray:
    """The labels of a file, int64 (n,), from 0 to 255, read-only. Raises DataError as `read_idx_images` does."""
    labels = read_idx(Path(path), LABELS).astype(np.int64)
    labels.flags.writeable = False
    return labels


def read_idx(path: Path, magic: int) -> np.ndarray:
    """The bytes of a file, uint8, read-only, in the shape that its header announces."""
    if not os.path.isfile(path):  # a pipe or a device is none either
        raise DataError(f"{called(path)} is missing or not a file; put the file there or download it again.")
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            packed = file.read(len(GZIP)) == GZIP
            file.seek(0)
            if packed:
                return unpacked(path, magic, size)
            shape = shape_of(file.read(header_bytes(magic)), magic, path)
        check_size(size - header_bytes(magic), math.prod(shape), magic, path)
        return np.memmap(path, np.uint8, mode="r", offset=header_bytes(magic), shape=shape)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{called(path)} is a damaged gzip file; download it again.") from error
    except OSError as error:
        raise DataError(f"{called(path)} cannot be read ({error.strerror or error}); make it readable.") from error


def unpacked(path: Path, magic: int, size: int) -> np.ndarray:
    """The bytes of a packed file of `size` bytes, unpacked block by block up to what its header announces."""
    too_large = f"{called(path)} unpacks to more than {size_text(MAX_UNPACKED)}; unpack it with gunzip and use that."
    if size > MAX_UNPACKED:
        raise DataError(too_large)
    with gzip.open(path, "rb") as file:
        shape = shape_of(file.read(header_bytes(magic)), magic, path)
        announced = math.prod(shape)
        if announced > MAX_UNPACKED:
            raise DataError(too_large)
        raw = np.empty(announced, dtype=np.uint8)  # takes up memory only as it is filled
        filled = 0
        while filled < announced:
            count = file.readinto(raw[filled : filled + BLOCK])
            if not count:
                break
            filled += count
        check_size(filled + len(file.read(1)), announced, magic, path)  # reading on also checks the gzip's own sum
    raw.flags.writeable = False
    return raw.reshape(shape)


def header_bytes(magic: int) -> int:
    """How long the header is: the magic number and a number for each dimension."""
    return 4 + 4 * (magic & 0xFF)


def shape_of(header: bytes, magic: int, path: Path) -> tuple[int, ...]:
    """The dimensions that a header announces, (n, height, width) or (n,); raises DataError when they make no sense."""
    wanted = CONTENTS[magic]
    if not header:
        raise DataError(f"{called(path)} is empty; download it again.")
    found = int.from_bytes(header[:4], "big") if len(header) >= 4 else -1
    if found != magic and found in CONTENTS:
        raise DataError(
            f"{called(path)} holds {CONTENTS[found]}, but {wanted} are wanted here; take the file of {wanted}."
        )
    if found != magic:
        raise DataError(
            f"{called(path)} is not an IDX file of {wanted}: it begins with 0x{header[:4].hex()} "
            f"and not with 0x{magic:08x}; use the files of MNIST or Fashion-MNIST."
        )
    if len(header) < header_bytes(magic):
        raise DataError(f"{called(path)} breaks off within its header; download it again.")
    shape = struct.unpack(f">{magic & 0xFF}I", header[4:])
    if not 1 <= shape[0] <= MAX_COUNT:
        raise DataError(f"{called(path)} announces {shape[0]:,} {wanted}; there must be 1 to {MAX_COUNT:,}.")
    if magic == IMAGES and not all(LEAST_SIDE <= side <= MAX_SIDE for side in shape[1:]):
        raise DataError(
            f"{called(path)} announces {shape[1]}x{shape[2]} pictures; each side must have {LEAST_SIDE} to {MAX_SIDE} "
            "pixels."
        )
    return shape


def check_size(size: int, announced: int, magic: int, path: Path) -> None:
    """Raise DataError unless `size` bytes follow the header, as many as it announces."""
    if size < announced:
        raise DataError(
            f"{called(path)} breaks off: its header announces {announced:,} bytes of {CONTENTS[magic]} and {size:,} "
            "are there; download it again."
        )
    if size > announced:
        raise DataError(
            f"{called(path)} holds more than the {announced:,} bytes of {CONTENTS[magic]} that its header announces; "
            "download it again."
        )


def called(path: Path | str) -> str:
    """The name of a file as a sentence repeats it."""
    return clip(Path(path).name)
