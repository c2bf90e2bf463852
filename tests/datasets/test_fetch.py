"""Downloads, from a server of our own that can be as bad as the internet; nothing here goes beyond this computer."""

import errno
import hashlib
import io
import multiprocessing
import random
import socket
import tarfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from playground.datasets import cifar, fetch, places
from playground.datasets.base import DataError
from playground.datasets.fetch import ARCHIVE, download, latest
from playground.datasets.places import Remote, Source

NAMES = [
    f"{part}-ubyte.gz" for part in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
]
CONTENT = {name: bytes(range(256)) * 4 * (number + 1) + bytes([number]) for number, name in enumerate(NAMES)}
FIRST = NAMES[0]


class Server(ThreadingHTTPServer):
    """Serves `files` under /MODE/NAME; the mode, first part of a mirror's path, says what goes wrong.

    asked: the mode, name and first byte of each request.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = dict(CONTENT)
        self.asked = []
        self.go_on = threading.Event()

    def handle_error(self, request, client_address):
        """A client that went away is no fault."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        mode, name = self.path.strip("/").split("/")
        content = self.server.files[name]
        wanted = self.headers.get("Range")
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        self.server.asked.append((mode, name, start))
        again = sum(asked[:2] == (mode, name) for asked in self.server.asked) > 1
        getattr(self, mode)(content, start, again)

    def answer(self, status, body, length=None, **headers):
        self.close_connection = True
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        if length != "none":
            self.send_header("Content-Length", str(length or len(body)))
        self.end_headers()
        self.wfile.write(body)

    def good(self, content, start, again):
        if start >= len(content):
            return self.answer(416, b"")
        if start:
            place = f"bytes {start}-{len(content) - 1}/{len(content)}"
            return self.answer(206, content[start:], Content_Range=place)
        return self.answer(200, content)

    def no_range(self, content, start, again):
        self.answer(200, content)

    def breaks(self, content, start, again):
        if again:
            return self.good(content, start, again)
        return self.answer(200, content[:700], len(content))

    def breaks_without_range(self, content, start, again):
        self.answer(200, content if again else content[:700], len(content))

    def always_breaks(self, content, start, again):
        self.answer(200, content[:700], len(content))

    def reset(self, content, start, again):
        self.connection.close()

    def missing(self, content, start, again):
        self.answer(404, b"no such file")

    def busy(self, content, start, again):
        if again:
            return self.good(content, start, again)
        return self.answer(503, b"")

    def refuses_range(self, content, start, again):
        self.answer(416, b"") if start else self.good(content, start, again)

    def wrong_range(self, content, start, again):
        if not start:
            return self.good(content, start, again)
        return self.answer(206, content, Content_Range=f"bytes 0-{len(content) - 1}/{len(content)}")

    def wrong(self, content, start, again):
        self.answer(200, content[:-1] + b"!")

    def portal(self, content, start, again):
        self.answer(200, b"<html>Please log in</html>")

    def too_much(self, content, start, again):
        self.answer(200, content + b"x" * 5_000_000, "none")

    def announces_more(self, content, start, again):
        self.answer(200, content + b"x")

    def ftp(self, content, start, again):
        self.answer(302, b"", Location="ftp://127.0.0.1/file")

    def nowhere(self, content, start, again):
        self.answer(302, b"", Location="http://[::1")

    def long(self, content, start, again):
        self.answer(302, b"", Location=f"http://{'x' * 70}.invalid/file")

    def waits(self, content, start, again):
        self.answer(200, content[:700], len(content))
        self.server.go_on.wait(10)
        self.wfile.write(content[700:])


@pytest.fixture
def server():
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.go_on.set()
        running.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The folder of the cache that MNIST comes to lie in; no other place is looked into."""
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("PLAYGROUND_DATA", raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(places, "DATA", tmp_path / "data")
    monkeypatch.setattr(fetch, "PAUSE", 0.001)
    monkeypatch.setattr(fetch, "LATEST", {})
    return tmp_path / "cache" / "mnist"


@pytest.fixture
def from_mirrors(server, monkeypatch):
    """A manifest whose mirrors behave as the given modes say."""

    def use(*modes, files=CONTENT, name="mnist", title="MNIST"):
        mirrors = tuple(f"http://127.0.0.1:{server.server_port}/{mode}/" for mode in modes)
        remotes = [Remote(n, len(raw), hashlib.sha256(raw).hexdigest(), mirrors) for n, raw in files.items()]
        monkeypatch.setattr(places, "sources", lambda: {name: Source(title, "", "http://home/", tuple(remotes))})

    return use


def ended(name="mnist"):
    fetching = download(name)
    assert fetching.wait(10)
    assert "\n" not in fetching.message
    assert fetching.message.endswith(".")
    return fetching


def finished(folder):
    fetching = ended()
    assert fetching.state == "finished", fetching.message
    assert fetching.message == "MNIST has been downloaded and checked."
    assert fetching.done == fetching.total == sum(map(len, CONTENT.values()))
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "download.lock"} == CONTENT
    assert {path.name for path in places.find("mnist").values()} == set(NAMES)
    return fetching


def failed():
    fetching = ended()
    assert fetching.state == "failed"
    assert places.find("mnist") is None
    return fetching.message


def part(folder, raw, name=FIRST):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.part").write_bytes(raw)


@pytest.mark.parametrize(
    "mode", ["good", "no_range", "breaks", "breaks_without_range", "busy", "refuses_range", "wrong_range"]
)
def test_a_set_is_fetched(from_mirrors, server, folder, mode):
    from_mirrors(mode)
    finished(folder)


def test_a_broken_connection_is_gone_on_with(from_mirrors, server, folder):
    from_mirrors("breaks")
    finished(folder)
    assert [start for _, name, start in server.asked if name == FIRST] == [0, 700]


@pytest.mark.parametrize(
    "bad",
    ["missing", "wrong", "portal", "too_much", "announces_more", "always_breaks", "reset", "ftp", "nowhere", "long"],
)
def test_a_bad_mirror_gives_way_to_the_next(from_mirrors, server, folder, bad):
    from_mirrors(bad, "good")
    finished(folder)
    assert {mode for mode, _, _ in server.asked} == {bad, "good"}


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ("missing", "(the answer was 404)"),
        ("wrong", "(the checksum is wrong)"),
        ("portal", "(its file has 26 bytes instead of 1,025)"),
        ("too_much", "(more than 1,025 bytes came)"),
        ("announces_more", "(its file has 1,026 bytes instead of 1,025)"),
        ("always_breaks", "(the connection broke off)"),
    ],
)
def test_mirrors_that_are_all_bad(from_mirrors, folder, bad, sentence):
    from_mirrors(bad, bad)
    message = failed()
    assert message.startswith(f"MNIST could not be downloaded: no mirror sent the right {FIRST} {sentence}; try again")
    assert message.endswith("or put the four files into data/mnist/.")
    assert not (folder / FIRST).exists()
    if bad in ("wrong", "too_much"):
        assert not (folder / f"{FIRST}.part").exists()


def test_a_mirror_is_not_tried_for_ever(from_mirrors, server):
    from_mirrors("always_breaks")
    failed()
    assert len(server.asked) == fetch.TRIES


def test_a_mirror_that_sends_too_much_is_not_listened_to(from_mirrors, server, folder, monkeypatch):
    sizes = []
    real = fetch.Download.receive

    def receive(self, *arguments):
        sizes.append(real(self, *arguments))
        return sizes[-1]

    monkeypatch.setattr(fetch.Download, "receive", receive)
    from_mirrors("too_much")
    failed()
    assert sizes == [len(CONTENT[FIRST]) + 1]


def test_offline(monkeypatch, from_mirrors):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, but not listening
        mirrors = (f"http://127.0.0.1:{closed.getsockname()[1]}/",) * 3
        source = Source("MNIST", "", "", (Remote(FIRST, 5, "0" * 64, mirrors),))
        monkeypatch.setattr(places, "sources", lambda: {"mnist": source})
        assert failed() == (
            "MNIST could not be downloaded: no mirror could be reached (Connection refused); "
            "check the connection, or put the four files into data/mnist/."
        )


def test_what_an_earlier_download_left_is_gone_on_with(from_mirrors, server, folder):
    part(folder, CONTENT[FIRST][:100])
    from_mirrors("good")
    finished(folder)
    assert server.asked[0] == ("good", FIRST, 100)


@pytest.mark.parametrize("mode", ["no_range", "refuses_range", "wrong_range"])
def test_a_mirror_that_cannot_go_on_starts_again(from_mirrors, folder, mode):
    part(folder, CONTENT[FIRST][:100])
    from_mirrors(mode)
    finished(folder)


@pytest.mark.parametrize("left", [b"x" * 100, CONTENT[FIRST][:-1] + b"x", CONTENT[FIRST] + b"x", b""])
def test_a_wrong_part_does_not_spoil_the_only_mirror(from_mirrors, folder, left):
    part(folder, left)
    from_mirrors("good")
    finished(folder)


def test_a_whole_part_needs_no_connection(from_mirrors, server, folder):
    for name in NAMES:
        part(folder, CONTENT[name], name)
    from_mirrors("missing")
    finished(folder)
    assert server.asked == []


def test_whole_files_are_not_fetched_again(from_mirrors, server, folder):
    folder.mkdir(parents=True)
    for name in NAMES[:2]:
        (folder / name).write_bytes(CONTENT[name])
    (folder / NAMES[2]).write_bytes(b"damaged")
    from_mirrors("good")
    finished(folder)
    assert [name for _, name, _ in server.asked] == NAMES[2:]


def test_one_download_at_a_time_and_anew_afterwards(from_mirrors, server, folder):
    from_mirrors("waits")
    assert latest("mnist") is None
    first = download("mnist")
    assert first.state == "running"
    assert first.message == "MNIST is being downloaded."
    assert download("mnist") is latest("mnist") is first
    assert not first.wait(0.01)
    server.go_on.set()
    assert first.wait(10)
    assert first.state == "finished"
    assert latest("mnist") is first
    assert finished(folder) is not first


def test_cancel_keeps_what_has_arrived(from_mirrors, server, folder):
    from_mirrors("waits")
    first = download("mnist")
    while first.done < 700:
        time.sleep(0.005)
    assert places.find("mnist") is None
    first.cancel()
    server.go_on.set()
    assert first.wait(10)
    assert first.state == "failed"
    assert first.message == "The download of MNIST was stopped; start it again to go on from there."
    assert len((folder / f"{FIRST}.part").read_bytes()) >= 700
    from_mirrors("good")
    finished(folder)


def test_a_cancelled_download_can_be_started_anew_at_once(from_mirrors, server, folder):
    from_mirrors("waits")
    first = download("mnist")
    first.cancel()
    server.go_on.set()
    assert finished(folder) is not first
    assert first.state == "failed"


def hold(path, held, done):
    """What another process does: it holds the lock until it is told to stop."""
    with fetch.locked(path, time.sleep):
        held.set()
        done.wait(10)


@pytest.mark.parametrize("killed", [False, True])
def test_another_process_is_waited_for(from_mirrors, server, folder, killed):
    folder.mkdir(parents=True)
    context = multiprocessing.get_context("spawn")
    held, done = context.Event(), context.Event()
    other = context.Process(target=hold, args=(folder / "download.lock", held, done))
    other.start()
    assert held.wait(10)
    from_mirrors("good")
    waiting = download("mnist")
    assert not waiting.wait(0.3)
    assert server.asked == []
    other.kill() if killed else done.set()
    other.join()
    assert waiting.wait(10)
    finished(folder)
    other.close()


def test_waiting_for_another_process_can_be_cancelled(from_mirrors, folder):
    folder.mkdir(parents=True)
    from_mirrors("good")
    with fetch.locked(folder / "download.lock", time.sleep):
        waiting = download("mnist")
        waiting.cancel()
        assert waiting.wait(10)
    assert waiting.state == "failed"


def test_a_folder_that_cannot_be_made(from_mirrors, folder):
    folder.parent.write_bytes(b"a file where the cache should be")
    from_mirrors("good")
    message = failed()
    assert "cannot be written (" in message
    assert message.endswith("make room there, or set PLAYGROUND_CACHE to another folder.")


def test_a_full_disk(from_mirrors, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(fetch.os, "fsync", full)
    from_mirrors("good", "good")
    assert "cannot be written (No space left on device); make room there" in failed()


def test_an_unforeseen_error_ends_the_download_too(from_mirrors, monkeypatch):
    def surprise(*_):
        raise RuntimeError("surprise")

    monkeypatch.setattr(fetch, "is_right", surprise)
    from_mirrors("good")
    assert failed() == "MNIST could not be downloaded (surprise); put the four files into data/mnist/."


def test_a_set_that_is_not_in_the_manifest(from_mirrors):
    from_mirrors("good")
    with pytest.raises(DataError, match="'imagenet' is no data set to download; choose mnist"):
        download("imagenet")


RECORDS = b"".join(bytes([label]) + random.Random(label).randbytes(cifar.RECORD - 1) for label in (3, 9))


def archive(raw):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name in cifar.MEMBERS:
            info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            info.size = len(raw)
            tar.addfile(info, io.BytesIO(raw))
    return buffer.getvalue()


def test_cifar_is_unpacked_and_not_fetched_again(from_mirrors, server, tmp_path, monkeypatch):
    monkeypatch.setattr(cifar, "MEMBER_BYTES", 2 * cifar.RECORD)
    server.files[ARCHIVE] = archive(RECORDS)
    from_mirrors("breaks", files={ARCHIVE: server.files[ARCHIVE]}, name="cifar10", title="CIFAR-10")
    for _ in range(2):
        fetching = ended("cifar10")
        assert fetching.state == "finished", fetching.message
        assert fetching.done == fetching.total
        there = {path.name for path in (tmp_path / "cache" / "cifar10").iterdir()}
        assert there == {*cifar.MEMBERS, "download.lock"}
        assert len(places.find("cifar10")) == 6
        assert [start for _, _, start in server.asked] == [0, 700]
        (tmp_path / "cache" / "cifar10" / ARCHIVE).write_bytes(b"left by a process that was ended here")


def test_files_of_the_right_size_that_are_not_cifar_are_fetched_anew(from_mirrors, server, tmp_path, monkeypatch):
    monkeypatch.setattr(cifar, "MEMBER_BYTES", 2 * cifar.RECORD)
    folder = tmp_path / "cache" / "cifar10"
    folder.mkdir(parents=True)
    for name in cifar.MEMBERS:
        (folder / name).write_bytes(b"\xff" * len(RECORDS))
    server.files[ARCHIVE] = archive(RECORDS)
    from_mirrors("good", files={ARCHIVE: server.files[ARCHIVE]}, name="cifar10", title="CIFAR-10")
    assert ended("cifar10").state == "finished"
    assert {(folder / name).read_bytes() for name in cifar.MEMBERS} == {RECORDS}


def test_an_archive_that_cannot_be_unpacked(from_mirrors, server, monkeypatch):
    server.files[ARCHIVE] = archive(bytes(100))
    from_mirrors("good", files={ARCHIVE: server.files[ARCHIVE]}, name="cifar10", title="CIFAR-10")
    fetching = ended("cifar10")
    assert fetching.state == "failed"
    assert "CIFAR-10 could not be downloaded: In cifar-10-binary.tar.gz, data_batch_1.bin has 100 " in fetching.message
    assert places.find("cifar10") is None
