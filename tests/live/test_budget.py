"""The budget of a class: slices shrink with the number of playing sessions, and BLAS takes one thread."""

import os
import subprocess
import sys

import pytest

from playground.live.budget import FORGOTTEN_AFTER, FULL_FOR, FULL_SLICE, Budget
from tests.pages import ROOT


class Clock:
    """Stands still until it is moved."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def budget(clock):
    return Budget(clock)


def test_few_sessions_get_full_slices(budget):
    for number in range(FULL_FOR):
        assert budget.slice_for(f"session {number}") == FULL_SLICE


@pytest.mark.parametrize("sessions", [5, 8, 30])
def test_many_sessions_share(budget, sessions):
    slices = [budget.slice_for(f"session {number}") for number in range(sessions)]
    assert slices[-1] == pytest.approx(FULL_SLICE * FULL_FOR / sessions)
    assert budget.playing() == sessions
    assert budget.slice_for("session 0") == slices[-1]  # who was first gets no more than the others


def test_asking_again_is_not_another_session(budget):
    for _ in range(50):
        assert budget.slice_for("one") == FULL_SLICE
    assert budget.playing() == 1


def test_who_leaves_is_not_counted(budget):
    budget.slice_for("one")
    budget.slice_for("two")
    budget.leave("one")
    budget.leave("nobody")
    assert budget.playing() == 1


def test_who_closed_the_tab_is_forgotten(budget, clock):
    budget.slice_for("one")
    clock.now += FORGOTTEN_AFTER - 0.01
    budget.slice_for("two")
    assert budget.playing() == 2
    clock.now += 0.02
    assert budget.playing() == 1


def test_few_may_ask_ahead(budget):
    for number in range(FULL_FOR):
        budget.slice_for(f"session {number}")
    assert budget.ahead() == 1
    budget.slice_for("one more")
    assert budget.ahead() == 0
    budget.leave("one more")
    assert budget.ahead() == 1


ALONE = """
import threading
import numpy, scipy.linalg
from threadpoolctl import threadpool_info
from playground.live.budget import hold_blas

def threads():
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

assert threads()
for _ in range(2):  # whichever thread comes first, and whoever comes later
    worker = threading.Thread(target=hold_blas)
    worker.start()
    worker.join()
    assert threads() == {1}, threads()
    hold_blas()
    assert threads() == {1}, threads()
"""


def test_blas_is_held_to_one_thread_from_then_on():
    """In a process of its own: here other tests have set it, and the thread that was first alone can change it."""
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    ended = subprocess.run([sys.executable, "-c", ALONE], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
