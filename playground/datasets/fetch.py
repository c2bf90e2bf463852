"""Fetches a picture data set from the internet in a background thread, while a page shows how far it is.

Nothing that arrives is trusted: a file is kept only when its size and its SHA-256 are those of the manifest. Until
then it is called NAME.part, which nobody takes for data, and which the next attempt goes on with. A lock that the
operating system holds keeps two processes from writing into one folder; it ends with the process, however that ends.
"""

import hashlib
import http.client
import os
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from nn_core.spec import clip
from playground.datasets import cifar, places
from playground.datasets.base import DataError
from playground.datasets.places import Remote

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    import msvcrt

TIMEOUT = 20  # seconds without an answer
TRIES = 4  # connections to one mirror for one file
PAUSE = 1.0  # seconds before the second connection; twice as long before the third, and so on
BLOCK = 1 << 16  # bytes
ARCHIVE = "cifar-10-binary.tar.gz"
HEADERS = {"User-Agent": "nn-playground", "Accept-Encoding": "identity"}


class Redirects(urllib.request.HTTPRedirectHandler):
    """Closes the answer of a mirror that leads to no address; urllib leaves it open."""

    def http_error_302(self, request, answer, *others):
        try:
            return super().http_error_302(request, answer, *others)
        except ValueError:
            answer.close()
            raise

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


HANDLERS = (  # those of the web, proxies among them: a mirror cannot lead to ftp: or file:
    urllib.request.ProxyHandler,
    urllib.request.UnknownHandler,
    urllib.request.HTTPHandler,
    urllib.request.HTTPSHandler,
    urllib.request.HTTPDefaultErrorHandler,
    Redirects,
    urllib.request.HTTPErrorProcessor,
)


class MirrorError(Exception):
    """A mirror that failed; its text is the reason. again: whether another connection to it may help."""

    def __init__(self, reason: str, again: bool = False, reached: bool = True) -> None:
        super().__init__(reason)
        self.again, self.reached = again, reached


class CancelledError(Exception):
    """The person does not want the download any more."""


class Download:
    """The download of one set, which begins at once.

    To be read by a page at any time: `done` and `total` (bytes), `state` ("running", "finished" or "failed") and
    `message`, one sentence. The files come to lie in the cache, in a folder of the set's name.
    """

    def __init__(self, name: str) -> None:
        self.source = places.sources()[name]
        self.by_hand = places.SETS[name].by_hand
        self.folder = places.cache() / name
        self.done, self.total = 0, sum(file.bytes for file in self.source.files)
        self.state = "running"
        self.message = f"{self.source.title} is being downloaded."
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run, name=f"download of {name}", daemon=True)
        self.thread.start()

    def cancel(self) -> None:
        """End the download as soon as it notices; what has arrived stays, for the next one to go on with."""
        self.stop.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end, at most `timeout` seconds, and return whether it has come."""
        self.thread.join(timeout)
        return self.state != "running"

    def run(self) -> None:
        """What the thread does."""
        title, state = self.source.title, "failed"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(self.folder / "download.lock", self.pause):
                self.fetch_all()
            state, message = "finished", f"{title} has been downloaded and checked."
        except CancelledError:
            message = f"The download of {title} was stopped; start it again to go on from there."
        except DataError as error:
            message = f"{title} could not be downloaded: {error}"
        except OSError as error:  # those of the network have become MirrorError
            message = (
                f"{title} could not be downloaded: {clip(str(self.folder), 100)} cannot be written "
                f"({reason_of(error)}); make room there, or set PLAYGROUND_CACHE to another folder."
            )
        except Exception as error:  # a page must never wait for a thread that has died
            message = f"{title} could not be downloaded ({reason_of(error)}); put {self.by_hand}."
        self.message = message
        self.state = state  # last: whoever sees it also sees the message

    def pause(self, seconds: float) -> None:
        """Wait; raises CancelledError as soon as the download is cancelled."""
        if self.stop.wait(seconds):
            raise CancelledError

    def fetch_all(self) -> None:
        """Fetch each file that is not there yet."""
        archive = self.folder / ARCHIVE
        members = [self.folder / name for name in cifar.MEMBERS]
        for file in self.source.files:
            before = self.done
            unpacked = file.name == ARCHIVE and all(cifar.is_whole(path) for path in members)
            if not unpacked and not is_right(self.folder / file.name, file):
                self.fetch(file, before)
            self.done = before + file.bytes
            if file.name == ARCHIVE:
                if not unpacked:
                    self.message = f"{self.source.title} is being unpacked."
                    cifar.unpack(archive, self.folder)
                archive.unlink(missing_ok=True)

    def fetch(self, file: Remote, before: int) -> None:
        """Fetch one file, after `before` bytes of others, from the first mirror that has it; else raise DataError."""
        failures = []
        for mirror in file.mirrors:
            for attempt in range(TRIES):
                try:
                    return self.connect(mirror + file.name, file, before)
                except MirrorError as error:
                    failures.append(error)
                if not failures[-1].again or attempt == TRIES - 1 or (attempt == 0 and not failures[-1].reached):
                    break
                self.pause(PAUSE * 2**attempt)
        reasons = "; ".join(dict.fromkeys(str(error) for error in failures))
        if any(error.reached for error in failures):
            raise DataError(f"no mirror sent the right {file.name} ({reasons}); try again, or put {self.by_hand}.")
        raise DataError(f"no mirror could be reached ({reasons}); check the connection, or put {self.by_hand}.")

    def connect(self, url: str, file: Remote, before: int) -> None:
        """Go on with NAME.part over one connection; once it is whole and right, it gets the file's name."""
        part = self.folder / f"{file.name}.part"
        kept = size_of(part)
        if kept < file.bytes:
            response, start = ask(url, part, file)
            with response, open(part, "ab" if start else "wb") as out:
                size = self.receive(response, out, start, file.bytes, before)
            if size > file.bytes:
                part.unlink()
                raise MirrorError(f"more than {file.bytes:,} bytes came")
        if not is_right(part, file):
            part.unlink()
            raise MirrorError("the checksum is wrong", again=kept > 0)  # what was kept may be to blame
        with open(part, "rb+") as out:
            os.fsync(out.fileno())
        os.replace(part, self.folder / file.name)

    def receive(self, response: http.client.HTTPResponse, out: BinaryIO, size: int, most: int, before: int) -> int:
        """Write what comes to `out`, which has `size` bytes, until all or more than `most` are there; its new size."""
        while True:
            self.done = before + size
            self.pause(0)
            try:
                block = response.read1(min(BLOCK, most + 1 - size))
            except (OSError, http.client.HTTPException) as error:
                raise MirrorError(reason_of(error), again=True) from error
            if not block and size < most:
                raise MirrorError("the connection broke off", again=True)
            if not block or size + len(block) > most:
                return size + len(block)
            out.write(block)
            size += len(block)


LATEST: dict[str, Download] = {}
GUARD = threading.Lock()


def download(name: str) -> Download:
    """The download of the set `name` that is running; else begins one. Raises DataError when it cannot be fetched."""
    if name not in places.sources():
        raise DataError(f"{clip(name)!r} is no data set to download; choose {', '.join(places.sources())}.")
    with GUARD:
        last = LATEST.get(name)
        if last is None or last.state != "running" or last.stop.is_set():  # a cancelled one holds the lock to its end
            LATEST[name] = Download(name)
        return LATEST[name]


def latest(name: str) -> Download | None:
    """The last download of the set `name` in this process, running or ended; None if there was none."""
    return LATEST.get(name)


def ask(url: str, part: Path, file: Remote) -> tuple[http.client.HTTPResponse, int]:
    """Ask a mirror for what `part` lacks of a file; its answer, and the byte of the file with which that begins."""
    opener = urllib.request.OpenerDirector()
    for handler in HANDLERS:
        opener.add_handler(handler())
    kept = size_of(part)
    headers = HEADERS | ({"Range": f"bytes={kept}-"} if kept else {})
    try:
        response = opener.open(urllib.request.Request(url, headers=headers), timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416:  # the mirror's file ends before ours
            part.unlink(missing_ok=True)
        raise MirrorError(f"the answer was {error.code}", again=error.code >= 500 or error.code == 416) from error
    except (OSError, http.client.HTTPException) as error:
        raise MirrorError(reason_of(error), again=True, reached=False) from error
    except ValueError as error:  # it leads to an address that is none
        raise MirrorError(reason_of(error)) from error
    start = kept if response.status == 206 else 0
    if start and not response.headers.get("Content-Range", "").startswith(f"bytes {kept}-"):
        response.close()
        part.unlink()
        raise MirrorError("another part came than was asked for", again=True)
    if response.length is not None and start + response.length != file.bytes:
        response.close()
        raise MirrorError(f"its file has {start + response.length:,} bytes instead of {file.bytes:,}")
    return response, start


def reason_of(error: Exception) -> str:
    """Why something failed, in a few words."""
    cause = getattr(error, "reason", error)
    return clip(" ".join(str(getattr(cause, "strerror", None) or cause).split()) or type(cause).__name__, 60)


def size_of(path: Path) -> int:
    """The size of a file in bytes, 0 when there is none."""
    return path.stat().st_size if path.is_file() else 0


def is_right(path: Path, file: Remote) -> bool:
    """Whether the file at `path` is the one of the manifest."""
    if size_of(path) != file.bytes:
        return False
    with open(path, "rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest() == file.sha256


@contextmanager
def locked(path: Path, pause: Callable[[float], None]) -> Iterator[None]:
    """Hold the lock `path` against all other processes and threads; while another one holds it, wait."""
    with open(path, "ab") as file:
        while not lock(file):
            pause(0.2)
        try:
            yield
        finally:  # a process forked meanwhile would keep it beyond the closing of the file
            lock(file, release=True)


def lock(file: BinaryIO, release: bool = False) -> bool:
    """Lock an open file, or release it; whether that was possible. Raises OSError where the disk knows no locks."""
    try:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_UN if release else fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK if release else msvcrt.LK_NBLCK, 1)
    except (BlockingIOError, PermissionError):
        return False
    return True
