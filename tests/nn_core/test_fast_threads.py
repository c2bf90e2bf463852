"""Two halves at the same time: in order, without waiting for others, past errors, forks and the end of the program."""

import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from nn_core.fast import threads


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setattr(threads, "_cores", 2)
    monkeypatch.setattr(threads, "_pool", None)
    yield
    threads._pool.shutdown()


def test_two_parts_run_at_the_same_time(two_cores):
    met = threading.Barrier(2, timeout=60)
    assert threads.run(lambda part: (met.wait() >= 0, part)) == [(True, 0), (True, 1)]


def test_one_core_does_the_parts_in_turn(monkeypatch):
    monkeypatch.setattr(threads, "_cores", 1)
    monkeypatch.setattr(threads, "_pool", None)
    assert threads.run(lambda part: (part, threading.get_ident())) == [(k, threading.get_ident()) for k in range(2)]
    assert threads._pool is None


def test_a_busy_pool_is_not_waited_for(two_cores):
    begun, enough = threading.Event(), threading.Event()
    threads.run(lambda part: None)
    busy = threads._pool.submit(lambda: begun.set() or enough.wait(60))
    assert begun.wait(60)
    try:
        assert threads.run(lambda part: threading.get_ident(), parts=3) == 3 * [threading.get_ident()]
        assert not busy.done()
    finally:
        enough.set()


def test_parts_within_parts_from_many_threads(two_cores):
    found = []

    def session(number):
        for _ in range(50):
            found.append(threads.run(lambda part: threads.run(lambda inner: 100 * number + 10 * part + inner)))

    sessions = [threading.Thread(target=session, args=(number,)) for number in range(4)]
    for thread in sessions:
        thread.start()
    for thread in sessions:
        thread.join(60)
    assert len(found) == 200
    assert all(one == [[one[0][0], one[0][0] + 1], [one[0][0] + 10, one[0][0] + 11]] for one in found)


@pytest.mark.parametrize("failing", [{0}, {1}, {0, 1}])
def test_an_error_is_told_when_all_parts_have_ended(failing, two_cores):
    ended, met = [], threading.Barrier(2, timeout=60)

    def part(number):
        met.wait()
        if number in failing:
            raise ValueError(f"part {number}")
        time.sleep(0.1)
        ended.append(number)

    with pytest.raises(ValueError, match=f"part {min(failing)}"):
        threads.run(part)
    assert set(ended) == {0, 1} - failing


def test_parts_know_the_callers_errstate(two_cores):
    met = threading.Barrier(2, timeout=60)
    with np.errstate(over="ignore"):
        results = threads.run(lambda part: (met.wait(), np.float32(3e38) * np.ones(9, np.float32) * 10)[1])
    assert all(np.isinf(result).all() for result in results)


SCRIPT = """
import os, signal, sys, threading, time
from nn_core.fast import threads
threads._cores = 2
work = lambda: threads.run(lambda part: part) == [0, 1]
assert work()
if hasattr(os, "fork"):
    pool = threads._pool
    with threads._lock:  # the child is made while another thread of the parent's has the lock
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            os._exit(0 if work() and threads._pool is not pool else 1)
    assert os.waitpid(child, 0)[1] == 0
def late():
    time.sleep(0.3)
    sys.stdout.write("late " + str(work()))
threading.Thread(target=late).start()
"""


def test_forks_and_the_end_of_the_interpreter():
    """A forked child has no threads of its parent's; a thread that still trains at the end ends in peace."""
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "late True")
