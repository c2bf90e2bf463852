"""Where the picture data sets lie on this computer, and where they can be fetched from.

Three places are looked into, in this order: the folder that the environment variable PLAYGROUND_DATA names, the
project's `data/`, and the cache for downloads (`data/cache/`, or what PLAYGROUND_CACHE names). A set counts only when
all of it lies in one folder: labels from elsewhere may belong to other pictures.
"""

import functools
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from nn_core.spec import clip
from playground.datasets.base import DataError

DATA = Path(__file__).parents[2] / "data"
MANIFEST = DATA / "manifest.json"
DAMAGED = "manifest.json is missing or damaged ({}); take data/manifest.json from the project again."


@dataclass(frozen=True)
class Set:
    """The files of a data set.

    folders: names of the folders that it may lie in. files: for each file, what it is and its possible names, each
    also with .gz when `packed`. enough: which files make it whole; beside them one of the others suffices, if there
    are others. bare: whether the files may also lie in PLAYGROUND_DATA itself. by_hand: what to put where, in words.
    """

    title: str
    folders: tuple[str, ...]
    files: dict[str, tuple[str, ...]]
    enough: tuple[str, ...]
    by_hand: str
    packed: bool = True
    bare: bool = False


IDX_FILES = {
    f"{part}_{content}": (f"{prefix}-{content}-idx{sides}-ubyte", f"{prefix}-{content}.idx{sides}-ubyte")
    for part, prefix in (("train", "train"), ("test", "t10k"))
    for content, sides in (("images", 3), ("labels", 1))
}
CIFAR_FILES = {name: (f"{name}.bin",) for name in (*(f"data_batch_{k}" for k in range(1, 6)), "test_batch")}
SETS = {
    "mnist": Set("MNIST", ("mnist",), IDX_FILES, tuple(IDX_FILES), "the four files into data/mnist/", bare=True),
    "fashion_mnist": Set(
        "Fashion-MNIST",
        ("fashion_mnist", "fashion-mnist"),
        IDX_FILES,
        tuple(IDX_FILES),
        "the four files into data/fashion_mnist/",
    ),
    "cifar10": Set(
        "CIFAR-10",
        ("cifar10", "cifar-10-batches-bin"),
        CIFAR_FILES,
        ("test_batch",),
        "the .bin files into data/cifar10/",
        packed=False,
    ),
}


def cache() -> Path:
    """The folder for downloads; each set has its own in it."""
    return Path(os.path.expanduser(os.environ.get("PLAYGROUND_CACHE") or DATA / "cache"))


def own_folder() -> Path | None:
    """The folder that PLAYGROUND_DATA names, if it is set."""
    own = os.environ.get("PLAYGROUND_DATA")
    return Path(os.path.expanduser(own)) if own else None  # unlike Path.expanduser, never raises


def folders() -> list[Path]:
    """The places that are looked into, in their order; they need not exist."""
    own = own_folder()
    return [*([own] if own else []), DATA, cache()]


def find(name: str) -> dict[str, Path] | None:
    """The files of the set `name` by what they are (the keys of `Set.files`); None where no place has it whole."""
    wanted = SETS[name]
    candidates = [place / folder for place in folders() for folder in wanted.folders]
    own = own_folder()
    if wanted.bare and own:
        candidates.insert(len(wanted.folders), own)
    for folder in candidates:
        found = look_into(folder, wanted)
        others = wanted.files.keys() - wanted.enough
        if found.keys() >= set(wanted.enough) and (not others or found.keys() & others):
            return found
    return None


def look_into(folder: Path, wanted: Set) -> dict[str, Path]:
    """The files of a set that lie in `folder`, the raw one where there is a packed one too."""
    found = {}
    for key, names in wanted.files.items():
        for file in [name + end for end in ("", ".gz")[: 1 + wanted.packed] for name in names]:
            if key not in found and os.path.isfile(folder / file):  # unlike Path.is_file, never raises
                found[key] = folder / file
    return found


@dataclass(frozen=True)
class Remote:
    """One file to fetch: its exact size and SHA-256, and the addresses of the folders that have it."""

    name: str
    bytes: int
    sha256: str
    mirrors: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """Where a set comes from: `licence` in a few words, `home` page, and its files."""

    title: str
    licence: str
    home: str
    files: tuple[Remote, ...]


@functools.cache
def sources() -> dict[str, Source]:
    """What data/manifest.json says about each set that can be fetched, read once."""
    return read_sources(MANIFEST)


def read_sources(path: Path) -> dict[str, Source]:
    """The downloads of a manifest; raises DataError unless all of it is as it should be."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["downloads"]
        return {name: source_of(entry) for name, entry in entries.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(DAMAGED.format(clip(f"{type(error).__name__}: {error}", 100))) from error


def source_of(entry: dict[str, Any]) -> Source:
    """One entry of the manifest; raises ValueError, KeyError or TypeError when it is not sound."""
    files = tuple(Remote(f["name"], f["bytes"], f["sha256"], tuple(f["mirrors"])) for f in entry["files"])
    for file in files:
        if not re.fullmatch(r"[A-Za-z0-9][\w.-]*\.gz", file.name, re.ASCII):
            raise ValueError(f"{file.name!r} is no plain file name")
        if type(file.bytes) is not int or file.bytes < 1 or not re.fullmatch("[0-9a-f]{64}", file.sha256):
            raise ValueError(f"{file.name} has no sound size or checksum")
        if not file.mirrors or not all(is_address(mirror) and mirror.endswith("/") for mirror in file.mirrors):
            raise ValueError(f"a mirror of {file.name} is no http or https address that ends in a slash")
    if not is_address(entry["home"]):
        raise ValueError(f"{entry['home']!r} is no http or https address")
    return Source(str(entry["title"]), str(entry["licence"]), entry["home"], files)


def is_address(text: str) -> bool:
    """Whether `text` is an http or https address."""
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname)
