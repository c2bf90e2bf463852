"""The budget of a class: slices shrink with the number of playing sessions, and one session computes at a time."""

import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from playground.live.budget import FORGOTTEN_AFTER, FULL_FOR, FULL_SLICE, Budget


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


def test_one_session_computes_at_a_time(budget):
    inside, most = [], []

    def work():
        for _ in range(20):
            with budget.turn():
                inside.append(1)
                most.append(len(inside))
                np.ones((30, 30)) @ np.ones((30, 30))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 80
    assert max(most) == 1


def test_from_the_first_turn_on_blas_has_one_thread(budget):
    with threadpool_limits(limits=2, user_api="blas"):  # gives back what was before when the test is over
        with budget.turn():
            assert {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"} == {1}
        assert {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"} == {1}


def test_an_error_ends_the_turn(budget):
    with pytest.raises(ZeroDivisionError), budget.turn():
        _ = 1 / 0
    with budget.turn():
        pass
