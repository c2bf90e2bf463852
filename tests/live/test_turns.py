"""Turns: one computes at a time, the shares are equal whatever the jobs cost, and what a person did goes first."""

import collections
import threading
import time
import weakref

import pytest

from playground.live import turns as module
from playground.live.turns import CREDIT, Turns

LONG = 20.0  # seconds, after which a test has hung


class Clock:
    """Goes on by what the jobs cost, and by nothing else."""

    def __init__(self):
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Room:
    """A queue with a clock of its own; what is submitted while it is held is there before the first is served."""

    def __init__(self):
        self.clock = Clock()
        self.turns = Turns(self.clock)
        self.served: list[str] = []
        self.seconds: collections.Counter[str] = collections.Counter()
        self._go_on = threading.Event()
        self._then = None

    def __enter__(self) -> "Room":
        self._go_on.clear()
        held = threading.Event()

        def hold():
            held.set()
            assert self._go_on.wait(LONG)

        self._holds = self.turns.submit("nobody", hold)
        assert held.wait(LONG)
        return self

    def __exit__(self, *_):
        self._go_on.set()
        self._holds.result(LONG)

    def job(self, who: str, cost: float, urgent: bool = False, name: str = ""):
        """One job of `who` that takes `cost` seconds."""

        def work():
            self.clock.now += cost
            self.served.append(name or who)
            self.seconds[who] += cost
            return who

        return self.turns.submit(who, work, urgent)

    def at(self, second: float, what) -> None:
        """Have something done at a time of the clock, in the turn of whoever has it then."""
        self._then = second, what

    def _look_at_the_clock(self):
        if self._then and self.clock.now >= self._then[0]:
            (_, what), self._then = self._then, None
            what()

    def keep_asking(self, who: str, cost: float, until: float, urgent: bool = False):
        """As a stage does: the next request comes when the one before is answered."""
        done = threading.Event()

        def work():
            self.clock.now += cost
            self.served.append(who)
            self.seconds[who] += cost
            self._look_at_the_clock()
            if self.clock.now < until:
                self.turns.submit(who, work, urgent)
            else:
                done.set()

        self.turns.submit(who, work, urgent)
        return done


@pytest.fixture
def room():
    return Room()


def test_a_job_is_done_and_its_result_comes_back(room):
    assert room.turns.submit("a", lambda: 7).result(LONG) == 7


def test_one_computes_at_a_time_and_each_job_is_done_once():
    turns, inside, most, count = Turns(), [], [], collections.Counter()

    def work(who):
        inside.append(who)
        most.append(len(inside))
        time.sleep(0.0002)
        inside.remove(who)
        count[who] += 1

    def ask(who):
        for future in [turns.submit(who, lambda: work(who), urgent=number % 3 == 0) for number in range(40)]:
            future.result(LONG)

    threads = [threading.Thread(target=ask, args=(f"session {number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert max(most) == 1
    assert set(count.values()) == {40}
    assert len(count) == 6


def test_the_jobs_of_one_session_are_done_in_their_order(room):
    with room:
        futures = [room.job("a", 1, name=str(number)) for number in range(5)]
    futures[-1].result(LONG)
    assert room.served == list("01234")


def test_what_is_urgent_of_one_session_goes_before_its_other_jobs(room):
    with room:
        room.job("a", 0.1, name="picture")
        last = room.job("a", 0.1, name="another picture")
        room.job("a", 0.1, urgent=True, name="click")
    last.result(LONG)
    assert room.served == ["click", "picture", "another picture"]


def test_shares_of_time_are_equal_whatever_a_turn_costs(room):
    costs = {"plane": 0.010, "lab": 0.025, "pictures": 0.080, "another plane": 0.012}
    with room:
        ends = [room.keep_asking(who, cost, until=40.0) for who, cost in costs.items()]
    assert all(end.wait(LONG) for end in ends)
    for who in costs:
        assert room.seconds[who] == pytest.approx(10.0, abs=2 * max(costs.values()))
    assert room.served.count("plane") == pytest.approx(8 * room.served.count("pictures"), rel=0.05)


def test_a_round_over_equals_is_a_round(room):
    """Nobody comes twice before everybody has come."""
    everybody = [f"session {number}" for number in range(30)]
    with room:
        ends = [room.keep_asking(who, 0.25, until=60.0) for who in everybody]  # a quarter is exact in binary
    assert all(end.wait(LONG) for end in ends)
    for start in range(0, 210, 30):
        assert sorted(room.served[start : start + 30]) == sorted(everybody)


def test_who_rests_is_not_owed(room):
    """Who stood still for a minute comes back to an equal share, and not to a minute of the others' time."""
    ends, before = [], {}

    def come_back():
        before.update(room.seconds)
        ends.append(room.keep_asking("rests", 0.01, until=90.0))

    with room:
        room.job("rests", 0.01)
        ends += [room.keep_asking(who, 0.01, until=90.0) for who in ("a", "b")]
        room.at(60.0, come_back)
    assert all(end.wait(LONG) for end in ends[:2])
    assert ends[2].wait(LONG)
    assert before["rests"] == 0.01
    for who in ("rests", "a", "b"):
        assert room.seconds[who] - before[who] == pytest.approx(10.0, abs=0.05)


def test_who_is_new_comes_at_once_and_then_to_an_equal_share(room):
    ends, before = [], {}

    def come():
        before.update(room.seconds, served=len(room.served))
        ends.append(room.keep_asking("new", 0.01, until=90.0))

    with room:
        ends += [room.keep_asking(who, 0.01, until=90.0) for who in ("a", "b")]
        room.at(60.0, come)
    assert all(end.wait(LONG) for end in ends[:2])
    assert ends[2].wait(LONG)
    assert "new" in room.served[before["served"] : before["served"] + 3]
    for who in ("new", "a", "b"):
        assert room.seconds[who] - before.get(who, 0.0) == pytest.approx(10.0, abs=0.05)


def test_what_a_person_did_goes_first(room):
    with room:
        for number in range(20):
            room.job(f"session {number}", 0.01)
        clicked = room.job("session 19", 0.01, urgent=True, name="click")
    clicked.result(LONG)
    assert room.served[0] == "click"


def test_who_clicks_without_end_takes_no_more_than_the_credit(room):
    until = 10.0
    with room:
        ends = [room.keep_asking(who, 0.01, until) for who in ("a", "b", "c")]
        ends.append(room.keep_asking("clicks", 0.01, until, urgent=True))
    assert all(end.wait(LONG) for end in ends)
    fair = until / 4
    assert fair - 0.05 <= room.seconds["clicks"] <= fair + CREDIT + 0.05
    for who in ("a", "b", "c"):
        assert room.seconds[who] >= fair - CREDIT / 3 - 0.05


def test_within_the_credit_clicks_are_answered_at_once(room):
    """A few clicks in a row, each dearer than a turn of the others."""
    with room:
        ends = [room.keep_asking(who, 0.01, until=2.0) for who in ("a", "b", "c")]
        for _ in range(3):
            room.job("person", CREDIT / 3 - 0.01, urgent=True)
    assert all(end.wait(LONG) for end in ends)
    assert room.served[:3] == ["person"] * 3


def test_an_error_reaches_whoever_asked_and_the_others_are_served(room):
    class Own(BaseException):
        """Not even this ends the thread."""

    def fail(error):
        raise error

    with room:
        failed = [room.turns.submit("a", lambda error=error: fail(error)) for error in (ZeroDivisionError(), Own())]
        fine = room.job("b", 0.01)
    assert fine.result(LONG) == "b"
    for future, kind in zip(failed, (ZeroDivisionError, Own), strict=True):
        assert isinstance(future.exception(LONG), kind)
    assert room.job("a", 0.01).result(LONG) == "a"


def test_what_failed_was_a_turn_as_well(room):
    """Else a page whose pictures fail would be served before all others, without end."""

    def fail():
        room.clock.now += 1.0
        raise ZeroDivisionError

    with room:
        bad = [room.turns.submit("bad", fail) for _ in range(3)]
        for _ in range(3):
            room.job("good", 1.0)
        last = room.job("good", 1.0)
    last.result(LONG)
    assert [future.done() for future in bad] == [True] * 3
    assert room.clock.now == 7.0


def test_a_job_that_is_cancelled_is_not_done(room):
    with room:
        first = room.job("a", 0.01, name="first")
        second = room.job("a", 0.01, name="second")
        assert first.cancel()
    assert second.result(LONG) == "a"
    assert room.served == ["second"]
    assert first.cancelled()


def test_when_all_is_quiet_nothing_is_remembered_of_anybody(room):
    room.job("a", 5.0).result(LONG)
    end = time.monotonic() + LONG
    while room.turns._used and time.monotonic() < end:
        time.sleep(0.001)
    assert room.turns._used == {}
    assert room.turns._waiting == {}


def test_what_was_done_is_not_kept(room):
    class Large:
        pass

    alive, large = threading.Event(), Large()
    weakref.finalize(large, alive.set)
    future = room.turns.submit("a", lambda kept=large: None)
    future.result(LONG)
    del large, future
    room.job("b", 0.0).result(LONG)
    assert alive.wait(LONG)


def test_blas_is_held_before_the_first_job(monkeypatch):
    seen = []
    monkeypatch.setattr(module, "hold_blas", lambda: seen.append("held"))
    turns = Turns()
    for _ in range(2):
        turns.submit("a", lambda: seen.append("job")).result(LONG)
    assert seen == ["held", "job", "job"]
