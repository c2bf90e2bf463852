"""The wire, over real sockets: who may open one, what closes it, and that its frames come whole and in their order."""

import contextlib
import itertools
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from nn_core.activations import Tanh
from nn_core.layers import Dense
from playground.datasets.plane import Moons
from playground.experiments.config import Config
from playground.live import wire
from playground.live.budget import BUDGET
from playground.live.channel import CHANNELS, Channel
from playground.live.frame import pack
from playground.live.messages import MOST_CHARACTERS
from playground.live.run import Run
from playground.live.wire import FAULT, GONE, MOST_A_SECOND, MOST_AT_ONCE, NEWS, REFUSED, ROUTES, TAKEN, is_same_host
from tests.live.frames import Reader, unpack
from tests.live.test_messages import Chance

CONFIG = Config(data=Moons(samples=60), hidden=(Dense(4, Tanh()),), batch_size=10)
LONG = 20.0  # seconds, after which a test has hung


@contextlib.contextmanager
def served(app) -> Iterator[str]:
    """An app on a free port, served as Streamlit serves its own; gives host:port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, ws="websockets-sansio", lifespan="off", log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            wait_until(lambda: server.started)
            yield f"127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(LONG)
    assert not thread.is_alive()


def wait_until(true: Callable[[], object]) -> None:
    end = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < end
        time.sleep(0.002)


@pytest.fixture(scope="module")
def host():
    with served(Starlette(routes=ROUTES)) as found:
        yield found


@pytest.fixture
def channel():
    channel = Channel(Run(CONFIG))
    channel.show(channel.run)
    yield channel
    BUDGET.leave(channel.run.session)


class Browser:
    """One socket as the stage has it."""

    def __init__(self, ws: ClientConnection):
        self.ws, self.reader = ws, Reader()
        self.asked = self.told = 0

    def request(self, *deeds: dict) -> None:
        """Ask for a frame, and tell what was done."""
        self.asked += 1
        numbered = []
        for deed in deeds:
            self.told += 1
            numbered.append({"number": self.told} | deed)
        self.ws.send(json.dumps({"stage": "a", "number": self.asked, "deeds": numbered}))

    def frame(self) -> tuple[dict, dict]:
        """The next frame, whole; news is passed over."""
        while (message := self.ws.recv(LONG)) == NEWS:
            pass
        return self.reader.take(message)

    def ask(self, *deeds: dict) -> dict:
        self.request(*deeds)
        return self.frame()[0]

    def frame_or_code(self) -> int | None:
        """The code with which the socket was closed; None where there came a frame."""
        try:
            self.frame()
        except ConnectionClosed as closed:
            return closed.rcvd.code
        return None

    def closed(self) -> int:
        """The code with which the server closes the socket; what comes before it is passed over."""
        with pytest.raises(ConnectionClosed) as caught:
            list(iter(lambda: self.ws.recv(LONG), None))
        return caught.value.rcvd.code


@contextlib.contextmanager
def opened(host: str, path: str, origin: str | None = "", **options) -> Iterator[Browser]:
    """A socket to a path; origin: "" for the server's own."""
    origin = f"http://{host}" if origin == "" else origin
    with connect(f"ws://{host}/{path}", origin=origin, max_size=None, compression=None, **options) as ws:
        yield Browser(ws)


# --- who may --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("http://a.org", "a.org", True),
        ("https://a.org", "a.org", True),  # behind a proxy that ends TLS
        ("http://A.org:8501", "a.ORG:8501", True),
        ("http://[::1]:8501", "[::1]:8501", True),
        ("http://a.org:8501", "a.org:8502", False),
        ("http://a.org", "a.org:8501", False),
        ("http://evil.org", "a.org", False),
        ("http://a.org.evil.org", "a.org", False),
        ("http://evil.org/a.org", "a.org", False),
        ("http://a.org@evil.org", "a.org", False),
        ("http://evil.org?http://a.org", "a.org", False),
        ("a.org", "a.org", False),
        ("null", "a.org", False),
        ("null", "null", False),
        ("", "", False),
        ("", "a.org", False),
        (None, "a.org", False),
        ("http://a.org", None, False),
        ("http://a.org", "", False),
        ("http://[", "[", False),
        ("file://", "a.org", False),
    ],
)
def test_whose_pages_may_open_a_socket(origin, host, same):
    assert is_same_host(origin, host) is same


@pytest.mark.parametrize("origin", [None, "null", "http://evil.org", "http://127.0.0.1", "http://localhost"])
def test_a_foreign_page_is_refused_before_there_is_a_socket(host, channel, origin):
    with pytest.raises(InvalidStatus) as caught, opened(host, f"live/{channel.token}", origin):
        pass
    assert caught.value.response.status_code == 403
    assert channel.connection is None


@pytest.mark.parametrize("base", ["", "nn/", "a/b/live/"])
def test_it_is_there_behind_a_base_path(host, channel, base):
    with opened(host, f"{base}live/{channel.token}") as browser:
        assert browser.ask()["run"] == channel.run.name


def test_it_is_there_in_another_app(channel):
    app = Starlette(routes=[Mount("/school", routes=ROUTES)])
    with served(app) as host, opened(host, f"school/live/{channel.token}") as browser:
        assert browser.ask()["run"] == channel.run.name


@pytest.mark.parametrize("token", ["x", "x" * 500, "%00", "..", "*", "None"])
def test_an_unknown_token_is_told_that_the_run_is_gone(host, token):
    with opened(host, f"live/{token}") as browser:
        assert browser.closed() == GONE == 4404


def test_a_part_of_a_token_opens_nothing(host, channel):
    for token in (channel.token[:-1], channel.token + "A", channel.token.swapcase()):
        with opened(host, f"live/{token}") as browser:
            assert browser.closed() == GONE
    assert channel.connection is None


def test_a_run_that_was_let_go_is_gone(host):
    made = [Channel(Run(CONFIG))]
    token = made[0].token
    with opened(host, f"live/{token}") as browser:
        browser.ask()
    wait_until(lambda: made[0].connection is None)
    made.clear()
    wait_until(lambda: token not in CHANNELS)
    with opened(host, f"live/{token}") as browser:
        assert browser.closed() == GONE


def test_nothing_of_one_run_is_moved_over_the_socket_of_another(host, channel):
    other = Channel(Run(CONFIG))
    other.show(other.run)
    with opened(host, f"live/{channel.token}") as browser, opened(host, f"live/{other.token}") as second:
        second.ask()
        header = browser.ask({"kind": "press", "button": "step"}, {"kind": "units", "layer": 0, "by": 1})
        assert (header["run"], header["step"]) == (channel.run.name, 0)
        assert channel.run.config.hidden[0].units == 5
        assert (other.run.trainer.step, other.run.config) == (0, CONFIG)
        assert second.ask()["run"] == other.run.name


# --- frames ---------------------------------------------------------------------------------------------------------


def test_frames_come_in_the_order_in_which_they_were_asked_for(host, channel):
    with opened(host, f"live/{channel.token}") as browser:
        browser.ask({"kind": "press", "button": "play"})
        answers, ids, steps = [], [], []
        for _ in range(40):
            for _ in range(5):
                browser.request()
            for _ in range(5):
                header, _ = browser.frame()
                answers.append(header["answers"])
                ids.append(header["id"])
                steps.append(header["step"])
        assert answers == list(range(2, 202))
        assert ids == sorted(set(ids))
        assert steps == sorted(set(steps))
    assert steps[0] > 0


def test_deeds_among_many_requests_are_answered_in_their_place(host, channel):
    """What a person did goes before the pictures that were asked for, and frames stay in the order of their making."""
    with opened(host, f"live/{channel.token}") as browser:
        browser.ask({"kind": "press", "button": "play"})
        for _ in range(10):
            for _ in range(4):
                browser.request()
            browser.request({"kind": "bias", "column": 0, "to": 0, "value": 1})
            found = [browser.frame()[0] for _ in range(5)]
            assert [header["id"] for header in found] == sorted(header["id"] for header in found)
            assert sorted(header["answers"] for header in found) == list(range(browser.asked - 4, browser.asked + 1))
            assert found[-1]["acted"] == browser.told
        assert channel.take_problems() == []


def test_what_came_over_the_socket_is_the_whole_frame(host, channel, monkeypatch):
    made = []
    real = channel.run.picture
    monkeypatch.setattr(channel.run, "picture", lambda *args: made.append(real(*args)) or made[-1])
    with opened(host, f"live/{channel.token}") as browser:
        for number in range(30):
            deeds = [{"kind": "press", "button": button} for button in ("play",) if number == 2]
            deeds += [{"kind": "units", "layer": 0, "by": 1}] if number in (5, 9) else []
            deeds += [{"kind": "feature", "key": "x1x2"}] if number == 12 else []
            browser.request(*deeds)
            header, arrays = browser.frame()
            whole, whole_arrays = unpack(pack(*made[-1]))
            assert set(header) - set(whole) == {"news", "due", "ahead", "buttons", "answers", "acted"}
            assert {key: header[key] for key in whole if key != "arrays"} == {
                key: value for key, value in whole.items() if key != "arrays"
            }
            assert {name: array.tobytes() for name, array in arrays.items()} == {
                name: array.tobytes() for name, array in whole_arrays.items()
            }
    assert header["step"] > 0


def test_after_a_lost_connection_the_run_stands_where_it_stood(host, channel):
    """The first frame of the new socket is whole; a deed that was told before is not done again."""
    deed = {"kind": "units", "layer": 0, "by": 1, "number": 1}
    with opened(host, f"live/{channel.token}") as browser:
        browser.ask(deed)
        browser.ask({"kind": "press", "button": "play", "number": 2})
        while browser.ask()["step"] < 5:
            pass
        browser.ws.socket.close()  # without a word
    wait_until(lambda: channel.connection is None)
    step = channel.run.trainer.step
    time.sleep(0.1)
    assert channel.run.trainer.step == step  # nobody asks, nothing trains
    assert BUDGET.playing() == 0
    with opened(host, f"live/{channel.token}") as browser:
        browser.request(deed)
        header, arrays = browser.frame()
        assert (header["run"], header["playing"], header["acted"]) == (channel.run.name, True, 2)
        assert header["step"] > step  # it goes on
        assert "points_xy" in arrays
        assert channel.run.config.hidden[0].units == 5


def test_requests_of_a_socket_that_has_closed_are_not_worked_for(host, channel, monkeypatch):
    """They wait in the queue behind a slice of somebody else's."""
    go_on, held = threading.Event(), threading.Event()
    asked = []
    real = channel.answer
    monkeypatch.setattr(channel, "answer", lambda *args: asked.append(args) or real(*args))
    wire.TURNS.submit("somebody", lambda: held.set() or go_on.wait(LONG))
    assert held.wait(LONG)
    with opened(host, f"live/{channel.token}") as browser:
        for _ in range(5):
            browser.request()
    wait_until(lambda: channel.connection is None)
    go_on.set()
    wire.TURNS.submit("somebody", lambda: None).result(LONG)
    assert asked == []


def test_the_page_pokes_the_stage(host, channel):
    with opened(host, f"live/{channel.token}") as browser:
        browser.ask()
        header, arrays = unpack(channel.show(channel.run, "another note"))
        assert (set(header), arrays) == ({"token", "arrays"}, {})
        assert browser.ws.recv(LONG) == NEWS == "news"
        assert browser.ask()["note"] == "another note"
        channel.press("step")
        assert browser.ws.recv(LONG) == NEWS
        assert browser.ask()["step"] == 1


# --- what closes it -------------------------------------------------------------------------------------------------


def test_the_newest_socket_takes_the_run_over(host, channel):
    with opened(host, f"live/{channel.token}") as first:
        first.ask()
        with opened(host, f"live/{channel.token}") as second:
            assert second.ask()["run"] == channel.run.name
            assert first.closed() == TAKEN == 4409
            wait_until(lambda: channel.connection is not None)
            assert second.ask()["run"] == channel.run.name  # what closed takes nothing from the one that is open
    wait_until(lambda: channel.connection is None)


FINE = json.dumps({"stage": "a", "number": 1, "deeds": []})


@pytest.mark.parametrize(
    "message",
    [
        "",
        "junk",
        "null",
        "[" * 5000,
        json.dumps({"stage": "a", "number": 1}),
        '{"stage": "a", "number": NaN, "deeds": []}',
        FINE.encode(),  # a binary message
        b"",
        FINE + " " * MOST_CHARACTERS,
    ],
    ids=lambda message: f"{type(message).__name__} {str(message)[:30]}",
)
def test_what_is_no_message_closes_the_socket_and_harms_nobody(host, channel, message):
    other = Channel(Run(CONFIG))
    with opened(host, f"live/{channel.token}") as browser, opened(host, f"live/{other.token}") as second:
        browser.ask({"kind": "press", "button": "step"})
        second.ask()
        browser.ws.send(message)
        assert browser.closed() == REFUSED == 4400
        assert second.ask()["run"] == other.run.name
    with opened(host, f"live/{channel.token}") as browser:
        assert browser.ask()["step"] == 1


def test_the_largest_message_is_answered(host, channel):
    with opened(host, f"live/{channel.token}") as browser:
        browser.ws.send(FINE + " " * (MOST_CHARACTERS - len(FINE)))
        assert browser.frame()[0]["answers"] == 1


def test_too_many_requests_at_once_close_the_socket(host, channel):
    go_on, held = threading.Event(), threading.Event()
    wire.TURNS.submit("somebody", lambda: held.set() or go_on.wait(LONG))
    assert held.wait(LONG)
    try:
        with opened(host, f"live/{channel.token}") as browser:
            for _ in range(MOST_AT_ONCE + 1):
                browser.request()
            assert browser.closed() == REFUSED
    finally:
        go_on.set()
    with opened(host, f"live/{channel.token}") as browser:
        for _ in range(3 * MOST_AT_ONCE):
            browser.ask()  # as many as one likes, one after the other


def test_who_asks_and_does_not_read_is_not_worked_for_without_end(host, channel, monkeypatch):
    """Frames that are on their way count as requests that are not answered yet."""
    asked = []
    real = channel.answer
    monkeypatch.setattr(channel, "answer", lambda request, sent: asked.append(request) or b"x" * 2_000_000)
    with opened(host, f"live/{channel.token}", max_queue=(1, 0), close_timeout=0.5) as browser:
        with contextlib.suppress(ConnectionClosed):
            for _ in range(4 * MOST_AT_ONCE):
                browser.request()
                time.sleep(0.005)
        wait_until(lambda: channel.connection is None or len(asked) >= MOST_AT_ONCE)
        time.sleep(0.1)
        assert len(asked) < 2 * MOST_AT_ONCE
    monkeypatch.setattr(channel, "answer", real)
    wait_until(lambda: channel.connection is None)


def test_too_many_messages_in_a_second_close_the_socket(host, channel, monkeypatch):
    monkeypatch.setattr(channel, "answer", lambda request, sent: b"")
    monkeypatch.setattr(wire, "time", SimpleNamespace(monotonic=lambda: 5.5))  # it is the same second for ever
    with opened(host, f"live/{channel.token}") as browser:
        for _ in range(MOST_A_SECOND):
            browser.request()
            assert browser.ws.recv(LONG) == b""
        browser.request()
        assert browser.closed() == REFUSED


def test_each_second_has_its_own_messages(host, channel, monkeypatch):
    seconds = itertools.count()
    monkeypatch.setattr(channel, "answer", lambda request, sent: b"")
    monkeypatch.setattr(wire, "time", SimpleNamespace(monotonic=lambda: next(seconds) / 200))
    with opened(host, f"live/{channel.token}") as browser:
        for _ in range(3 * MOST_A_SECOND):
            browser.request()
            assert browser.ws.recv(LONG) == b""


def test_a_fault_of_ours_is_told_and_logged_and_the_others_are_served(host, channel, monkeypatch, caplog):
    def break_down(request, sent):
        raise ZeroDivisionError("of ours")

    other = Channel(Run(CONFIG))
    monkeypatch.setattr(channel, "answer", break_down)
    with opened(host, f"live/{channel.token}") as browser, opened(host, f"live/{other.token}") as second:
        with caplog.at_level(logging.ERROR, wire.__name__):
            browser.request()
            assert browser.closed() == FAULT == 4500
        (record,) = [record for record in caplog.records if record.name == wire.__name__]
        assert record.exc_info[0] is ZeroDivisionError
        assert second.ask()["run"] == other.run.name
    monkeypatch.undo()
    with opened(host, f"live/{channel.token}") as browser:
        assert browser.ask()["run"] == channel.run.name


def test_whatever_is_said_over_a_socket_is_answered_or_closes_it(host, channel, monkeypatch, caplog):
    """As tests/live/test_messages.py has it, with the socket between: 400 messages, a new socket after each refusal."""
    monkeypatch.setattr(wire, "MOST_A_SECOND", 10_000)
    chance, texts = Chance("wire 1"), 400
    answered = refused = 0
    with caplog.at_level(logging.WARNING):
        while answered + refused < texts:
            with opened(host, f"live/{channel.token}") as browser:
                while answered + refused < texts:
                    text = chance.message().encode(errors="replace")  # half of a pair is no UTF-8: no socket carries it
                    browser.ws.send(text, text=chance.random() < 0.99)
                    code = browser.frame_or_code()
                    assert code in (None, REFUSED)
                    if code:
                        refused += 1
                        break
                    answered += 1
    assert answered > 100
    assert refused > 20
    assert [record for record in caplog.records if record.exc_info] == []
    with opened(host, f"live/{channel.token}") as browser:
        assert browser.ask({"kind": "press", "button": "rewind", "number": 10**6})["step"] == 0


def test_a_client_that_vanishes_leaves_nothing_behind(host, channel, caplog):
    threads = threading.active_count()
    with caplog.at_level(logging.WARNING):
        for number in range(30):
            with opened(host, f"live/{channel.token}") as browser:
                for _ in range(number % 4):
                    browser.request()
                if number % 2:
                    browser.ws.socket.close()
        wait_until(lambda: channel.connection is None)
    assert [record for record in caplog.records if record.exc_info] == []
    assert BUDGET.playing() == 0
    wait_until(lambda: threading.active_count() <= threads + 1)
