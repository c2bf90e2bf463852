"""A cache that several threads ask at the same time."""

import threading
import time

import pytest

from playground.datasets.once import once


def test_threads_that_ask_together_get_the_same():
    made = []

    @once()
    def load(name):
        time.sleep(0.05)  # the others ask meanwhile
        made.append(name)
        return object()

    found, start = [], threading.Barrier(8)

    def ask():
        start.wait()
        found.append(load("a"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == ["a"]
    assert len(set(found)) == 1
    load.cache_clear()
    assert load("a") not in found


def test_it_keeps_so_many_and_no_errors():
    made = []

    @once(2)
    def double(number):
        made.append(number)
        if number < 0:
            raise ValueError("negative")
        return 2 * number

    assert [double(n) for n in (1, 2, 1, 3, 2)] == [2, 4, 2, 6, 4]
    assert made == [1, 2, 3, 2]
    for _ in range(2):
        with pytest.raises(ValueError, match="negative"):
            double(-1)
    assert made[-2:] == [-1, -1]


def test_one_function_may_call_another_and_itself():
    @once()
    def factorial(n):
        return n * factorial(n - 1) if n else 1

    assert factorial(5) == 120
