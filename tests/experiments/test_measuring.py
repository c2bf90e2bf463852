"""Measuring in a process of its own: the same comes back, at a low priority; what ends it is said; nothing is left."""

import dataclasses
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import psutil
import pytest

from nn_core.derivatives.naive import Cost
from playground.datasets.base import DataError
from playground.experiments import measuring
from playground.experiments.measuring import Measurement, apart, decoded, encoded
from playground.experiments.studies import STUDIES, Measured
from tests.experiments.test_studies import CHECKS

PATIENCE = 30  # seconds
SLEEPS = f"import sys; sys.path.insert(0, {str(measuring.ROOT)!r}); from playground.experiments import measuring; " + (
    "import time; measuring.perform = lambda *_: time.sleep(60); measuring.main()"
)


def equal(one, two) -> bool:
    """Whether two answers are the same, to the last bit, types included; a tuple may have become a list."""
    if dataclasses.is_dataclass(one) and not isinstance(one, type):
        one, two = ({"": type(x)} | {f.name: getattr(x, f.name) for f in dataclasses.fields(x)} for x in (one, two))
    if isinstance(one, dict):
        return list(one) == list(two) and all(equal(one[key], two[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(two) and all(map(equal, one, two))
    if isinstance(one, np.ndarray):
        return (one.dtype, one.shape, one.tobytes()) == (two.dtype, two.shape, two.tobytes())
    return one == two or (one != one and two != two)


def children() -> list[psutil.Process]:
    """The measuring processes of this one."""
    return [one for one in psutil.Process().children() if "measuring" in " ".join(one.cmdline())]


def until(condition, seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


# --- what comes back ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in CHECKS if not STUDIES[name].needs])
def test_what_a_check_finds_comes_back_as_it_was(name):
    found = STUDIES[name].measured()
    assert equal(decoded(encoded(found)), found)


def test_arrays_and_odd_numbers_come_back_as_they_were():
    found = {
        "f4": np.linspace(0, 1, 6, dtype=np.float32).reshape(2, 3).T,
        "u1": np.arange(3, dtype=np.uint8),
        "none": np.empty((0, 2)),
        "odd": [float("nan"), float("inf"), -0.0, None, True, "²"],
        "type": {"type": "Cost", "fields": 1},
    }
    assert equal(decoded(encoded(found)), found)
    assert decoded(encoded(np.float64(0.1))) == 0.1


@pytest.mark.parametrize(
    "thing", [object(), {1, 2}, np.array([object()]), b"bytes"], ids=lambda one: type(one).__name__
)
def test_nothing_else_is_an_answer(thing):
    with pytest.raises(TypeError, match="An answer cannot hold"):
        encoded(thing)


def test_a_study_is_measured_in_another_process_and_not_here(monkeypatch):
    monkeypatch.setattr(measuring, "perform", lambda *job: pytest.fail("measured here"))
    found = apart("study", "D1")
    assert isinstance(found, Measured)
    assert equal(found.rows, STUDIES["D1"].measured().rows)
    assert found.seconds > 0
    assert children() == []


def test_costs_come_with_a_low_priority():
    """This very process keeps its own."""
    mine, measurement = psutil.Process().nice(), Measurement("The cost", lambda: apart("costs"))
    measurement.begin()
    until(children)
    (process,) = children()
    until(lambda: process.nice() != mine)
    low = psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else min(19, mine + measuring.NICE)
    assert process.nice() == low
    measurement.wait(PATIENCE)
    assert measurement.problem == ""
    assert {type(cost) for cost in measurement.found} == {Cost}
    assert psutil.Process().nice() == mine


# --- what goes wrong ------------------------------------------------------------------------------------------------


def test_what_the_job_raises_is_raised_here():
    with pytest.raises(DataError, match="Study E4 needs MNIST, which is not on this computer"):
        apart("study", "E4")
    with pytest.raises(RuntimeError, match="There is no job 'x'"):
        apart("x")


def test_want_of_memory_is_told(monkeypatch):
    monkeypatch.setattr(measuring, "START", SLEEPS.replace("time.sleep(60)", "bytearray(2**62)"))
    with pytest.raises(MemoryError):
        apart("costs")


def test_what_is_printed_on_the_way_does_no_harm(monkeypatch):
    monkeypatch.setattr(measuring, "START", SLEEPS.replace("time.sleep(60)", "print('{}') or [1.5]"))
    assert apart("costs") == [1.5]


def test_a_process_that_is_killed_is_told_and_can_be_begun_again(monkeypatch):
    measurement = Measurement("Study D1", lambda: apart("study", "D1"))
    with monkeypatch.context() as patch:
        patch.setattr(measuring, "START", SLEEPS)
        measurement.begin()
        until(children)
        children()[0].kill()
        measurement.wait(PATIENCE)
    assert not measurement.is_running
    assert measurement.found is None
    assert measurement.problem == (
        "Study D1 was not measured: its process ended before it had an answer, perhaps for want of memory; "
        "press Measure again."
    )
    assert children() == []
    measurement.begin()
    measurement.wait(PATIENCE)
    assert measurement.problem == ""
    assert measurement.found.rows


def test_one_that_takes_for_ever_is_ended(monkeypatch):
    monkeypatch.setattr(measuring, "START", SLEEPS)
    monkeypatch.setattr(measuring, "LONGEST", 0.5)
    measurement = Measurement("Study D1", lambda: apart("study", "D1"))
    measurement.begin()
    measurement.wait(PATIENCE)
    assert measurement.problem == "Study D1 took over 0 minutes; try again when fewer are at work."
    assert children() == []


@pytest.mark.parametrize("executable", ["", "/nowhere/python"])
def test_where_no_process_can_be_had_it_is_one_sentence(monkeypatch, executable):
    monkeypatch.setattr(sys, "executable", executable)
    measurement = Measurement("Study D1", lambda: apart("study", "D1"))
    measurement.begin()
    measurement.wait(PATIENCE)
    assert measurement.problem == "Study D1 cannot be measured here: this server cannot start a process for it."


@pytest.mark.parametrize(
    ("start", "problem"),
    [
        ("raise SystemExit(3)", "ended before it had an answer"),
        ("print('no JSON')", "ended before it had an answer"),
        ('print(\'{"failed": "so"}\')', "could not be measured; the server's log says why."),
    ],
)
def test_answers_that_are_none(monkeypatch, start, problem):
    monkeypatch.setattr(measuring, "START", start)
    measurement = Measurement("Study D1", lambda: apart("study", "D1"))
    measurement.begin()
    measurement.wait(PATIENCE)
    assert problem in measurement.problem


# --- one at a time --------------------------------------------------------------------------------------------------


def test_one_is_measured_at_a_time_and_who_waits_for_the_same_takes_what_comes():
    go_on, at_once, most, done = threading.Event(), [], [], []

    def measure(name):
        at_once.append(name)
        most.append(len(at_once))
        go_on.wait(PATIENCE)
        at_once.remove(name)
        done.append(name)
        return name, len(done)

    asked = [Measurement(name, lambda name=name: measure(name)) for name in "xxyxy"]
    for one in asked:
        one.begin()
        one.begin()  # pressed twice
    go_on.set()
    for one in asked:
        one.wait(PATIENCE)
    assert max(most) == 1
    assert sorted(done) == ["x", "y"]
    assert [one.found[0] for one in asked] == list("xxyxy")
    asked[0].begin()  # once more, after all
    asked[0].wait(PATIENCE)
    assert len(done) == 3
    assert asked[0].found == ("x", 3)


# --- the server's end -----------------------------------------------------------------------------------------------

SERVER = """
    import time
    from playground.experiments import measuring
    measuring.START = {sleeps!r}
    one = measuring.Measurement("x", lambda: measuring.apart("costs"))
    one.begin()
    import psutil
    while not psutil.Process().children():
        time.sleep(0.01)
    (child,) = psutil.Process().children()
    while {late} and child.num_threads() < 2:  # until it listens for the server's end
        time.sleep(0.01)
    print(child.pid, flush=True)
    {then}
"""


@pytest.mark.parametrize("late", [False, True], ids=["as it starts", "as it measures"])
@pytest.mark.parametrize("then", ["pass", "time.sleep(60)"], ids=["comes to its end", "is killed"])
def test_with_the_server_its_measurement_ends(then, late):
    code = textwrap.dedent(SERVER).format(sleeps=SLEEPS, then=then, late=late)
    command = [sys.executable, "-W", "error", "-c", code]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=measuring.ROOT
    ) as server:
        child = psutil.Process(int(server.stdout.readline()))
        began = time.monotonic()
        if then != "pass":
            server.kill()
        server.wait(PATIENCE)
        assert time.monotonic() - began < 10
        child.wait(10)
        assert server.stderr.read() == ""
