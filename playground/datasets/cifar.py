"""CIFAR-10 in its binary layout: files of records, each one byte of label and 3,072 bytes of picture.

A picture is 32 x 32 pixels: first all of its red, then its green, then its blue, each row by row. The files come in
an archive, `cifar-10-binary.tar.gz`, from which `unpack` takes six files and nothing else.

Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009, and the page of the data set.
"""

import gzip
import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np

from nn_core.spec import clip
from playground.datasets.base import DataError

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SIDE, CHANNELS = 32, 3
RECORD = 1 + CHANNELS * SIDE * SIDE
MAX_RECORDS = 100_000
MEMBERS = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")
MEMBER_BYTES = 10_000 * RECORD
MAX_MEMBERS = 50  # the archive has 8
BLOCK = 1 << 20
SPARE = 10_000_000  # bytes that an archive may hold beside the six files


def read_batch(path: Path | str) -> tuple[np.ndarray, np.ndarray]:
    """Pictures uint8 (n, 32, 32, 3), red, green and blue, and labels int64 (n,) of one file, both read-only.

    Raises DataError, in one sentence that names the file, for whatever is wrong with it.
    """
    path = Path(path)
    name = clip(path.name)
    if not os.path.isfile(path):
        raise DataError(f"{name} is missing or not a file; put the file there or download it again.")
    try:
        size = path.stat().st_size
        if size == 0 or size % RECORD:
            raise DataError(
                f"{name} has {size:,} bytes, which is not a whole number of CIFAR-10 records of {RECORD:,} bytes each; "
                "download it again, in the binary version."
            )
        if size > MAX_RECORDS * RECORD:
            raise DataError(
                f"{name} has {size // RECORD:,} records, and CIFAR-10's files 10,000 each; download it again."
            )
        records = np.memmap(path, np.uint8, mode="r", shape=(size // RECORD, RECORD))
    except OSError as error:
        raise DataError(f"{name} cannot be read ({error.strerror or error}); make it readable.") from error
    labels = records[:, 0].astype(np.int64)
    for bad in np.flatnonzero(labels >= len(CLASSES))[:1]:
        raise DataError(
            f"Record {bad + 1:,} of {name} has label {labels[bad]}; it must be 0 to {len(CLASSES) - 1}: "
            "this is not CIFAR-10 in its binary version, so download it again."
        )
    planes = records[:, 1:].reshape(-1, CHANNELS, SIDE, SIDE)
    pictures = np.array(planes.transpose(0, 2, 3, 1), order="C")  # a copy: the colours of a pixel lie side by side
    pictures.flags.writeable = labels.flags.writeable = False
    return pictures, labels


def is_whole(path: Path | str) -> bool:
    """Whether a file is one of the six, as far as its size and its labels tell."""
    try:
        return os.path.getsize(path) == MEMBER_BYTES and len(read_batch(path)[1]) > 0
    except (OSError, DataError):
        return False


def unpack(archive: Path | str, folder: Path | str) -> list[Path]:
    """Take the six files out of the archive into `folder`, all or none, and return their paths.

    The archive says only what the bytes of each file are: names and places are ours. Raises DataError when the
    archive is damaged or is not CIFAR-10's, or when the folder cannot be written.
    """
    archive, folder = Path(archive), Path(folder)
    parts = {name: folder / f"{name}.part" for name in MEMBERS}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with closing(contents(archive)) as found:
            for name, raw in found:
                with open(parts[name], "wb") as file:
                    file.write(raw)
                    file.flush()
                    os.fsync(file.fileno())
        for name, part in parts.items():  # the test file comes last: without it the set does not count as whole
            os.replace(part, folder / name)
    except OSError as error:
        raise DataError(
            f"{clip(archive.name)} cannot be unpacked into the folder {clip(folder.name)} "
            f"({error.strerror or error}); make room there or make it writable."
        ) from error
    finally:
        for part in parts.values():
            with suppress(OSError):
                part.unlink()
    return [folder / name for name in MEMBERS]


def contents(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each of the six files, in the archive's order; raises DataError unless each is there once."""
    name, taken = clip(archive.name), set()
    damaged = f"{name} is not CIFAR-10's archive, or it is damaged; download it again."
    try:
        with gzip.open(archive) as packed, tarfile.open(fileobj=(bounded := Bounded(packed)), mode="r|") as tar:
            for number, member in enumerate(tar, start=1):
                if number > MAX_MEMBERS:
                    raise DataError(f"{name} holds more than {MAX_MEMBERS} files, as CIFAR-10's never does; delete it.")
                own = member.name.rsplit("/", 1)[-1]
                if own not in MEMBERS or not member.isreg() or member.issparse():
                    continue
                if own in taken:
                    raise DataError(f"{name} holds {own} twice, as CIFAR-10's archive never does; delete it.")
                if member.size != MEMBER_BYTES:
                    raise DataError(
                        f"In {name}, {own} has {member.size:,} bytes and not {MEMBER_BYTES:,}; download it again."
                    )
                taken.add(own)
                with tar.extractfile(member) as source:
                    raw = source.read()
                if len(raw) != MEMBER_BYTES:
                    raise DataError(damaged)
                yield own, raw
            while bounded.read(BLOCK):  # to the end, where the gzip's own sum is checked
                pass
    except DataError:
        raise
    except FileNotFoundError as error:
        raise DataError(f"{name} is missing; download it again.") from error
    except (tarfile.TarError, EOFError, zlib.error, OSError, ValueError, OverflowError) as error:
        raise DataError(damaged) from error
    missing = [own for own in MEMBERS if own not in taken]
    if missing:
        raise DataError(f"{name} holds no {' and no '.join(missing)}; download it again.")


class Bounded:
    """Reads a packed archive, up to what CIFAR-10's may unpack to: tarfile would follow it without end."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.left = len(MEMBERS) * MEMBER_BYTES + SPARE

    def read(self, size: int) -> bytes:
        """The next `size` bytes; raises EOFError beyond the bound."""
        raw = self.file.read(size)
        self.left -= len(raw)
        if self.left < 0:
            raise EOFError("more than CIFAR-10's archive unpacks to")
        return raw
