"""Ports that are open and belong to no scheduler: each is told from one in the seconds that it is given."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from playground.datasets.base import DataError
from playground.experiments import sweep as module
from playground.experiments.config import Config
from playground.experiments.schedulers import dask_answers, ray_answers
from playground.experiments.sweep import sweep

SECONDS = 1.0
LONGEST = 8  # seconds that a busy machine may take over it; without the question it is more than a minute


def silent(connection):
    while connection.recv(1000):
        pass


def web_server(connection):
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def banner(connection):
    connection.sendall(b"SSH-2.0-OpenSSH_9.0\r\n")
    silent(connection)


def echo(connection):
    while sent := connection.recv(1000):
        connection.sendall(sent)


def closing(connection):
    pass


def zeros(connection):
    connection.sendall(bytes(64))
    silent(connection)


@contextlib.contextmanager
def serving(answer: Callable) -> Iterator[str]:
    """The address of a server that accepts, and answers each connection so."""

    def talk(connection):
        with contextlib.suppress(OSError), connection:
            answer(connection)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=talk, args=(server.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=accept, daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("answer", [silent, web_server, banner, echo, closing, zeros])
def test_who_is_no_scheduler_is_found_out_in_time(answer):
    pytest.importorskip("distributed", reason="the optional backend dask is not installed")
    with serving(answer) as address:
        start = time.monotonic()
        assert not dask_answers(f"tcp://{address}", SECONDS)
        assert not ray_answers(address, SECONDS)
        assert not ray_answers(f"ray://{address}", SECONDS)
        assert time.monotonic() - start < LONGEST


@pytest.mark.parametrize("address", ["127.0.0.1:1", "127.0.0.1:99999999", "[::1]:1"])
def test_where_nobody_listens(address):
    pytest.importorskip("distributed", reason="the optional backend dask is not installed")
    assert not dask_answers(f"tcp://{address}", SECONDS)
    assert not ray_answers(address, SECONDS)


def test_addresses_that_ray_looks_for_itself():
    assert ray_answers("auto", SECONDS)


@pytest.mark.parametrize(("backend", "package"), [("dask", "distributed"), ("ray", "ray")])
def test_the_sweep_says_so_in_one_sentence(backend, package, monkeypatch):
    pytest.importorskip(package, reason=f"the optional backend {backend} is not installed")
    monkeypatch.setattr(module, "PATIENCE", SECONDS)
    with serving(silent) as address:
        start = time.monotonic()
        with pytest.raises(DataError, match=rf"answers at {address}; start one, or name another\.$"):
            next(sweep([Config(stop_epochs=1)], backend=backend, scheduler=address))
        assert time.monotonic() - start < LONGEST
